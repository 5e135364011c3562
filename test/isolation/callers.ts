// The columns of the matrix: who asks about a thing of the tenant `acme`.
import type { IsolatedService } from './isolated-service.ts'
import type { DocumentedRoute } from './routes.ts'
import type { Tenant } from './tenants.ts'

export interface Caller {
  name: string
  /** Undefined: no Authorization header. */
  authorization: string | undefined
  /** Gets past the door, so that what it asks for is looked for; everybody else is refused there with 401. */
  admitted: boolean
}

/** Everybody who is not to have `route`'s things of `owner`. */
export async function strangersAt(
  route: DocumentedRoute,
  { service, owner, stranger }: { service: IsolatedService; owner: Tenant; stranger: Tenant },
): Promise<Caller[]> {
  const [whole = '', narrow = whole] = route.scopes
  const reading = narrow.replace(':modify', ':read')
  const changes = reading !== narrow
  const elsewhere = narrow.startsWith('webhooks:') ? 'realitydata:modify' : 'webhooks:modify'
  const of = async (tenant: Tenant, more: { scope?: string; role?: string; subject?: string }) =>
    service.authorization({ org: tenant.org, subject: `${tenant.org}-user`, ...more })
  const callers = [
    { name: 'another tenant', authorization: stranger.authorization, admitted: true },
    {
      name: 'another tenant, narrow scope',
      authorization: await of(stranger, { scope: narrow }),
      admitted: true,
    },
    { name: 'admin of another tenant', authorization: await of(stranger, { role: 'admin' }), admitted: true },
    {
      name: 'another tenant, user of the same name',
      authorization: await of(stranger, { subject: `${owner.org}-user` }),
      admitted: true,
    },
    { name: 'no token', authorization: undefined, admitted: false },
    { name: 'no token of ours', authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.', admitted: false },
    {
      name: 'another tenant, too little scope',
      authorization: await of(stranger, { scope: elsewhere }),
      admitted: false,
    },
    {
      name: 'own tenant, too little scope',
      authorization: await of(owner, { scope: elsewhere }),
      admitted: false,
    },
    {
      name: 'own admin, too little scope',
      authorization: await of(owner, { scope: elsewhere, role: 'admin' }),
      admitted: false,
    },
  ]
  if (!changes) return callers
  return [
    ...callers,
    {
      name: 'another tenant, may only read',
      authorization: await of(stranger, { scope: reading }),
      admitted: false,
    },
    {
      name: 'own tenant, may only read',
      authorization: await of(owner, { scope: reading }),
      admitted: false,
    },
  ]
}
