"""Collection files on their way into the database: `reading` checks them whole, `collections` stores what was read."""
