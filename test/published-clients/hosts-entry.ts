// Loaded before a client: stands for the line `127.0.0.1 api.bentley.com` in the hosts file of its machine, and for the
// port 443 there, which a test may not take. Names in requests and in the check of the certificate stay as they are.
import tls from 'node:tls'

const { connect } = tls
tls.connect = ((options: tls.ConnectionOptions, ...rest: never[]) =>
  connect(
    options.host === 'api.bentley.com'
      ? { ...options, host: '127.0.0.1', port: Number(process.env.PROXY_PORT) }
      : options,
    ...rest,
  )) as typeof connect
