import { expect, test } from 'vitest'
import { crsFromDefinition, toWgs84 } from './crs.ts'
import { wktOfEpsg } from './crs-encode.ts'
import { FormatError } from './format-error.ts'

// Expected places computed with PROJ 9.1.1, e.g. `echo "155000 463000" | cs2cs -f %.9f EPSG:28992 EPSG:4326`.
const places = JSON.parse('PLACES')
