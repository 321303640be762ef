"""How declarations are read: names resolved across files, classes, annotations, uses."""
