// Tells errors of a database that cannot be reached for a while from those of a statement.

/** Connection refused, lost or never made, by the system and by the driver. */
const systemCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
]
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a conn)/

/** SQLSTATE: connection exceptions; shut down, crashed or starting; too many connections; lets nobody in. */
const states = /^(08...|57P0[123]|53300|55000)$/

/** What failed with such an error was not done, or nobody knows; it may be asked for again in a while. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && (systemCodes.includes(code) || states.test(code))) return true
  return typeof message === 'string' && driverMessages.test(message)
}
