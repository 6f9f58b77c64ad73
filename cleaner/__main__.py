"""Let ``python -m cleaner`` do what ``clean-news`` does."""

from cleaner.cli import main

if __name__ == "__main__":
    main(prog_name="clean-news")
