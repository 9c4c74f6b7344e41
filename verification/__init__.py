"""What the public sees: look-up, QR target, directory."""
