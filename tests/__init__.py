"""The tests mirror the tree; people and places they share stand here."""
