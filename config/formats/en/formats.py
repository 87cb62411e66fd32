"""Days and moments on the desk's pages: no month is abbreviated, no afternoon begins again at one. Moments are UTC."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j F Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j F Y, H:i"
