"""Files and folders: bounded reading, atomic writing, where things live, and the terminal."""
