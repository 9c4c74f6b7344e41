"""Application, review, offer, case, decision, certificate, service evaluation."""
