"""Countries as event sources write them: names, ISO 3166-1 alpha-2 and FIPS 10-4 codes.

ISO and FIPS codes look alike and mean different countries: CH is Switzerland in the one and
China in the other. FIPS 10-4 is what GDELT uses; codes that were given out after its last
printed edition (Kosovo, Montenegro, Serbia, South Sudan) are those of its change notices.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

# ISO code, FIPS codes, the usual short name in English, then other spellings that sources use
# where the words themselves differ. Germany before 1990 counts as Germany; Somaliland has no
# code of its own and counts as Somalia, whose country code its networks use.
_TABLE: Final = """
AD AN Andorra; AE AE United Arab Emirates|United Arab Emirate|UAE; AF AF Afghanistan; AG AC
Antigua and Barbuda; AI AV Anguilla; AL AL Albania; AM AM Armenia; AO AO Angola; AR AR Argentina;
AS AQ American Samoa; AT AU Austria; AU AS Australia; AW AA Aruba; AZ AJ Azerbaijan; BA BK Bosnia
and Herzegovina|Bosnia; BB BB Barbados; BD BG Bangladesh; BE BE Belgium; BF UV Burkina Faso; BG BU
Bulgaria; BH BA Bahrain; BI BY Burundi; BJ BN Benin; BM BD Bermuda; BN BX Brunei|Brunei
Darussalam; BO BL Bolivia|Bolivia (Plurinational State of); BR BR Brazil; BS BF Bahamas; BT BT
Bhutan; BW BC Botswana; BY BO Belarus; BZ BH Belize; CA CA Canada; CD CG Democratic Republic of
Congo|Congo Kinshasa|DR Congo|DRC; CF CT Central African Republic; CG CF Republic of
Congo|Congo|Congo Brazzaville; CH SZ Switzerland; CI IV Ivory Coast|Cote d'Ivoire; CK CW Cook
Islands; CL CI Chile; CM CM Cameroon; CN CH China; CO CO Colombia; CR CS Costa Rica; CU CU Cuba;
CV CV Cape Verde|Cabo Verde; CW UC Curacao; CY CY Cyprus; CZ EZ Czech Republic|Czechia; DE GM
Germany|Germany East|Germany West; DJ DJ Djibouti; DK DA Denmark; DM DO Dominica; DO DR Dominican
Republic; DZ AG Algeria; EC EC Ecuador; EE EN Estonia; EG EG Egypt; EH WI Western Sahara; ER ER
Eritrea; ES SP Spain; ET ET Ethiopia; FI FI Finland; FJ FJ Fiji; FK FA Falkland Islands|Falkland
Islands (Malvinas); FM FM Micronesia|Micronesia (Federated States of); FO FO Faroe Islands; FR FR
France; GA GB Gabon; GB UK United Kingdom|United Kingdom of Great Britain and Northern Ireland|UK;
GD GJ Grenada; GE GG Georgia; GF FG French Guiana; GG GK Guernsey; GH GH Ghana; GI GI Gibraltar;
GL GL Greenland; GM GA Gambia; GN GV Guinea; GP GP Guadeloupe; GQ EK Equatorial Guinea; GR GR
Greece; GT GT Guatemala; GU GQ Guam; GW PU Guinea-Bissau; GY GY Guyana; HK HK Hong Kong; HN HO
Honduras; HR HR Croatia; HT HA Haiti; HU HU Hungary; ID ID Indonesia; IE EI Ireland; IL IS Israel;
IM IM Isle of Man; IN IN India; IQ IZ Iraq; IR IR Iran|Iran (Islamic Republic of); IS IC Iceland;
IT IT Italy; JE JE Jersey; JM JM Jamaica; JO JO Jordan; JP JA Japan; KE KE Kenya; KG KG
Kyrgyzstan|Kyrgyz Republic; KH CB Cambodia; KI KR Kiribati; KM CN Comoros; KN SC Saint Kitts and
Nevis; KP KN North Korea|Korea (Democratic People's Republic of); KR KS South Korea|Korea
(Republic of); KW KU Kuwait; KY CJ Cayman Islands; KZ KZ Kazakhstan; LA LA Laos|Lao People's
Democratic Republic; LB LE Lebanon; LC ST Saint Lucia; LI LS Liechtenstein; LK CE Sri
Lanka|SriLanka; LR LI Liberia; LS LT Lesotho; LT LH Lithuania; LU LU Luxembourg; LV LG Latvia; LY
LY Libya|Libyan Arab Jamahiriya; MA MO Morocco; MC MN Monaco; MD MD Moldova|Moldova (Republic of);
ME MJ Montenegro; MG MA Madagascar; MH RM Marshall Islands; MK MK North Macedonia|Macedonia; ML ML
Mali; MM BM Myanmar|Burma; MN MG Mongolia; MO MC Macau|Macao; MP CQ Northern Mariana Islands; MQ
MB Martinique; MR MR Mauritania; MS MH Montserrat; MT MT Malta; MU MP Mauritius; MV MV Maldives;
MW MI Malawi; MX MX Mexico; MY MY Malaysia; MZ MZ Mozambique; NA WA Namibia; NC NC New Caledonia;
NE NG Niger; NG NI Nigeria; NI NU Nicaragua; NL NL Netherlands; NO NO Norway; NP NP Nepal; NR NR
Nauru; NU NE Niue; NZ NZ New Zealand; OM MU Oman; PA PM Panama; PE PE Peru; PF FP French
Polynesia; PG PP Papua New Guinea; PH RP Philippines; PK PK Pakistan; PL PL Poland; PM SB Saint
Pierre and Miquelon; PR RQ Puerto Rico; PS GZ,WE Palestine|Palestine, State of|Occupied
Palestinian Territory; PT PO Portugal; PW PS Palau; PY PA Paraguay; QA QA Qatar; RE RE Reunion; RO
RO Romania; RS RI,RB Serbia; RU RS Russia|Russian Federation; RW RW Rwanda; SA SA Saudi Arabia; SB
BP Solomon Islands; SC SE Seychelles; SD SU Sudan; SE SW Sweden; SG SN Singapore; SH SH Saint
Helena; SI SI Slovenia; SK LO Slovakia|Slovak Republic; SL SL Sierra Leone; SM SM San Marino; SN
SG Senegal; SO SO Somalia|Somaliland; SR NS Suriname; SS OD South Sudan; ST TP Sao Tome and
Principe; SV ES El Salvador; SX NN Sint Maarten; SY SY Syria|Syrian Arab Republic; SZ WZ
eSwatini|Swaziland; TC TK Turks and Caicos Islands; TD CD Chad; TG TO Togo; TH TH Thailand; TJ TI
Tajikistan; TK TL Tokelau; TL TT East Timor|Timor-Leste; TM TX Turkmenistan; TN TS Tunisia; TO TN
Tonga; TR TU Turkey|Turkiye; TT TD Trinidad and Tobago; TV TV Tuvalu; TW TW Taiwan|Taiwan,
Province of China; TZ TZ Tanzania|Tanzania, United Republic of; UA UP Ukraine; UG UG Uganda; US US
United States|United States of America|USA; UY UY Uruguay; UZ UZ Uzbekistan; VA VT Vatican
City|Holy See; VC VC Saint Vincent and the Grenadines; VE VE Venezuela|Venezuela (Bolivarian
Republic of); VG VI British Virgin Islands|Virgin Islands (British); VI VQ US Virgin
Islands|Virgin Islands (US); VN VM Vietnam|Viet Nam; VU NH Vanuatu; WF WF Wallis and Futuna; WS WS
Samoa; XK KV Kosovo; YE YM Yemen; YT MF Mayotte; ZA SF South Africa; ZM ZA Zambia; ZW ZI Zimbabwe
"""
_FILLERS: Final = frozenset({"the", "of", "and"})


def _key(name: str) -> str:
    """Words of a name, without accents, in any order: ``Korea, North`` is North Korea."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain.replace("'", ""))
    return " ".join(sorted(word for word in words if word not in _FILLERS))


def _tables() -> tuple[dict[str, tuple[str, ...]], dict[str, str], dict[str, str]]:
    fips: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    for entry in _TABLE.replace("\n", " ").split(";"):
        iso, theirs, spellings = entry.split(maxsplit=2)
        fips[iso] = tuple(theirs.split(","))
        names[iso] = " ".join(spellings.split("|")[0].split())
        codes |= {_key(spelling): iso for spelling in spellings.split("|")}
    return fips, names, codes


_BY_ISO, _NAMES, _CODES = _tables()
FIPS: Final = MappingProxyType(_BY_ISO)
"""FIPS 10-4 codes by ISO 3166-1 alpha-2; Palestine has two."""
NAMES: Final = MappingProxyType(_NAMES)
"""Usual short English name by ISO 3166-1 alpha-2."""


def code_of(name: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country name or code, None if it is not known.

    Parameters
    ----------
    name
        As sources write it: ``Iran``, ``Iran (Islamic Republic of)``, ``Venezuela, Bolivarian
        Republic of``. Upper and lower case, accents and the order of the words do not matter.
    """
    stripped = name.strip()
    return stripped if stripped in FIPS else _CODES.get(_key(stripped))
