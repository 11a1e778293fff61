"""The words, and nothing but the words: standard library only, no input or output."""
