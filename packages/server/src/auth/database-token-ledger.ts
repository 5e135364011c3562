// The ledger of tokens in the database that several processes share.
import type { Database } from '../store/database.ts'
import type { IssuedToken, TokenLedger } from './token-ledger.ts'

/** How long a reader may go without asking for revocations, in milliseconds. */
const askEveryMs = 1000

/** `onError` hears of a look at the revocations that failed; until one succeeds, those known count. */
export async function openDatabaseTokenLedger(
  database: Database,
  onError: (error: unknown) => void,
): Promise<TokenLedger> {
  let revoked = new Set<string>()
  let revision = 0
  let askedAtMs = Number.NEGATIVE_INFINITY

  async function ask(): Promise<void> {
    const { rows } = await database.query<{ jti: string }>(
      'select jti from issued_token where revoked_at is not null',
    )
    if (rows.length === revoked.size) return // none is ever taken back
    revoked = new Set(rows.map(({ jti }) => jti))
    revision++
  }

  // When somebody asks, not by a timer: a process that nobody talks to leaves the database alone.
  function look(): void {
    const nowMs = performance.now()
    if (nowMs - askedAtMs < askEveryMs) return
    askedAtMs = nowMs
    ask().catch(onError)
  }

  await ask()
  return {
    recordIssued: async (token) => {
      await database.query('insert into issued_token (jti, token) values ($1, $2)', [
        token.jti,
        JSON.stringify(token),
      ])
    },
    recordRevoked: async (jti, now) => {
      await database.query('update issued_token set revoked_at = coalesce(revoked_at, $2) where jti = $1', [
        jti,
        now,
      ])
      await ask()
    },
    issued: async () => {
      const { rows } = await database.query<{ token: IssuedToken }>(
        'select token from issued_token order by number',
      )
      return rows.map(({ token }) => token)
    },
    isRevoked: (jti) => {
      look()
      return revoked.has(jti)
    },
    revision: () => {
      look()
      return revision
    },
  }
}
