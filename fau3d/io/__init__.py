"""Video in and out, the annotation file, AU tables, and importers of other tools' files."""
