"""Countries: ISO 3166-1 alpha-2 codes and their English names.

Regions are named sets of countries and data, not code: `testimonies/collections/regions.json`.
"""

from typing import Final

import pycountry

# XK is user-assigned, not part of ISO 3166-1: the European Union, IMF and many others use it for Kosovo,
# and a testimony from there has no other code.
_USER_ASSIGNED = {"XK": "Kosovo"}

# code -> English name: the common one where ISO 3166 gives it ("Syria"), else the short name in its own order
COUNTRIES: Final[dict[str, str]] = dict(
    sorted(
        (
            {country.alpha_2: getattr(country, "common_name", country.name) for country in pycountry.countries}
            | _USER_ASSIGNED
        ).items()
    )
)


def is_country(code: str) -> bool:
    """Whether this is a code of COUNTRIES, in upper case: `SY` is, `sy`, `SYR` and the withdrawn `SU` are not."""
    return code in COUNTRIES
