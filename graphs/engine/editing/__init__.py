"""Changes the text of a graph by the smallest edit: everything that was not asked for stays as it is written."""
