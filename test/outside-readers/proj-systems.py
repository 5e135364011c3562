# What PROJ says of every system of EPSG that is asked for, in one process: a process for each would take half an hour.
# Reads lines of JSON {code, west, south, east, north}, writes lines {code, text, places: [[lon, lat, x, y], ...]}.
# Wants python3-pyproj of Debian.
import json
import re
import sys
import warnings

from pyproj import CRS, Transformer

warnings.simplefilter("ignore")
steps = [0.2, 0.5, 0.8]
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"code": asked["code"], "places": []}
    try:
        system = CRS.from_epsg(asked["code"])
        answer["text"] = system.to_proj4()
        # From its ellipsoid with nothing said of a datum, so that none is shifted; east first on both sides.
        figure = re.findall(r"\+(?:ellps|a|b|rf|R)=\S+", answer["text"].replace("+datum=WGS84", "+ellps=WGS84")
                            .replace("+datum=NAD83", "+ellps=GRS80").replace("+datum=NAD27", "+ellps=clrk66"))
        geographic = CRS.from_string(" ".join(["+proj=longlat", *figure, "+no_defs +type=crs"]))
        project = Transformer.from_crs(geographic, system, always_xy=True).transform
        width = asked["east"] - asked["west"] + (360 if asked["east"] < asked["west"] else 0)
        for i in steps:
            for k in steps:
                lon = asked["west"] + i * width
                lon = lon - 360 if lon > 180 else lon
                lat = asked["south"] + k * (asked["north"] - asked["south"])
                answer["places"].append([lon, lat, *project(lon, lat, errcheck=True)])
    except Exception as error:  # Whatever PROJ cannot do is told, and left out of the table.
        answer["problem"] = str(error)
    print(json.dumps(answer))
