"""What must hold of an audit; the guards ask, and so do the pages that show what is missing."""
