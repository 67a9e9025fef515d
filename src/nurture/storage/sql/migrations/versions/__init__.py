"""One module for each schema there ever was, named for its number."""
