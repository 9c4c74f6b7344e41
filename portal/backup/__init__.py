"""Backups: database first, then files, then the manifest without which a folder is no backup."""
