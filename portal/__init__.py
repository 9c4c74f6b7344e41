"""The project: settings, addresses, the landing page, the desk, the demo."""
