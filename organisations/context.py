def actor(request):
    """Give every template the actor, still unfetched."""
    return {"actor": getattr(request, "actor", None)}
