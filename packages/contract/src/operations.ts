// The operations of each API, in the order in which the documents show them.
import { getReadAccess, getWriteAccess } from './reality-management/access.ts'
import {
  associateRealityData,
  dissociateRealityData,
  getRealityDataITwins,
  moveRealityData,
} from './reality-management/itwins.ts'
import {
  createRealityData,
  deleteRealityData,
  getRealityData,
  listRealityData,
  updateRealityData,
} from './reality-management/records.ts'

export const realityManagementOperations = [
  createRealityData,
  getRealityData,
  listRealityData,
  updateRealityData,
  deleteRealityData,
  getReadAccess,
  getWriteAccess,
  getRealityDataITwins,
  associateRealityData,
  dissociateRealityData,
  moveRealityData,
]
