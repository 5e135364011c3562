// Shows the OpenAPI documents of this server as one readable page. Text only ever becomes text nodes.

const base = document.documentElement.dataset.base ?? ''
const addresses = (document.documentElement.dataset.apis ?? '').split(' ').map((path) => base + path)

/** Of an operation on this page: its id is unique within its API. */
function anchorOf(path, { operationId }) {
  return `${path.split('/')[1]}-${operationId}`
}

/** An element with attributes and children; strings become text. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.flat().filter((child) => child !== undefined))
  return element
}

/** Text in which `words` between back-ticks are code. */
function prose(text = '') {
  return text.split('`').map((part, i) => (i % 2 === 1 ? el('code', {}, part) : part))
}

function resolve(api, schema) {
  const name = schema?.$ref?.match(/^#\/components\/schemas\/(.+)$/)?.[1]
  return name === undefined ? schema : api.components.schemas[name]
}

/** A schema in a few words: `string`, `integer 1 to 1000`, `array of JobInput`, `active | success`. */
function kindOf(api, schema = {}) {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map((part) => kindOf(api, part)).join(' | ')
  if (schema.type === 'array') return `array of ${kindOf(api, schema.items)}`
  const range = rangeOf(schema)
  return `${schema.format ?? schema.type ?? 'any'}${range}`
}

/** ` 0 to 100`, ` from 1`, ` to 64`, or nothing. */
function rangeOf({ minimum, maximum }) {
  if (minimum === undefined) return maximum === undefined ? '' : ` to ${maximum}`
  return maximum === undefined ? ` from ${minimum}` : ` ${minimum} to ${maximum}`
}

function table(head, rows) {
  if (rows.length === 0) return undefined
  return el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        head.map((title) => el('th', { scope: 'col' }, title)),
      ),
    ),
    el(
      'tbody',
      {},
      rows.map((cells) =>
        el(
          'tr',
          {},
          cells.map((cell) => el('td', {}, ...[cell].flat())),
        ),
      ),
    ),
  )
}

/** The members of an object schema, those of inner objects below them as `job.id`. */
function memberRows(api, schema, prefix = '', depth = 0) {
  const { properties = {}, required = [] } = resolve(api, schema) ?? {}
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    const inner = resolve(api, property)
    const listed = inner?.type === 'array' ? resolve(api, inner.items) : undefined
    const innerRows =
      depth >= 2
        ? []
        : inner?.properties
          ? memberRows(api, inner, `${path}.`, depth + 1)
          : listed?.properties
            ? memberRows(api, listed, `${path}[].`, depth + 1)
            : []
    const row = [
      el('code', {}, path),
      el('span', { class: 'kind' }, kindOf(api, property)),
      required.includes(name) ? 'yes' : 'no',
      prose(property.description ?? inner?.description),
    ]
    return [row, ...innerRows]
  })
}

function exampleFigures(content) {
  return Object.entries(content?.examples ?? {}).map(([name, { value }]) =>
    el('figure', {}, el('figcaption', {}, name), el('pre', {}, JSON.stringify(value, null, 2))),
  )
}

function response(api, status, declared) {
  const answer =
    declared.$ref === undefined ? declared : api.components.responses[declared.$ref.split('/').at(-1)]
  const content = answer.content?.['application/json']
  const tone = status < 400 ? 'ok' : status >= 400 ? 'fault' : 'other'
  const headers = Object.entries(answer.headers ?? {}).map(([name, header]) => [
    el('code', {}, name),
    prose(header.description),
    header.example === undefined ? '' : el('code', {}, String(header.example)),
  ])
  const details = el(
    'details',
    {},
    el(
      'summary',
      {},
      el('span', { class: `status ${tone}` }, status),
      el('span', {}, ...prose(answer.description)),
    ),
    el(
      'div',
      { class: 'inside' },
      exampleFigures(content),
      table(['Header', 'Meaning', 'Example'], headers),
      content === undefined ? undefined : el('h3', {}, 'Body'),
      content === undefined
        ? undefined
        : table(['Member', 'Type', 'Always there', 'Meaning'], memberRows(api, content.schema)),
    ),
  )
  if (status === '200' || status === '201') details.open = true
  return details
}

function curl(api, method, path, operation) {
  const [example] = Object.values(operation.requestBody?.content?.['application/json']?.examples ?? {})
  const url = `${api.servers[0].url}${path}`
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${url}'`,
    `  -H "Authorization: Bearer $TOKEN"`,
    ...(example === undefined
      ? []
      : [
          `  -H 'Content-Type: application/json'`,
          `  -d '${JSON.stringify(example.value).replaceAll("'", "'\\''")}'`,
        ]),
  ].join(' \\\n')
}

function section(api, path, method, operation) {
  const parameters = operation.parameters.map((parameter) => [
    el('code', {}, parameter.name),
    parameter.in,
    el('span', { class: 'kind' }, kindOf(api, parameter.schema)),
    parameter.required ? 'yes' : 'no',
    prose(parameter.description),
  ])
  const body = operation.requestBody?.content?.['application/json']
  const scopes = operation.security.flatMap(({ bearer }) => bearer)
  return el(
    'section',
    { class: 'operation', id: anchorOf(path, operation) },
    el('h2', {}, operation.summary),
    el('p', { class: 'request' }, el('span', { class: `method ${method}` }, method), el('code', {}, path)),
    el('p', {}, ...prose(operation.description)),
    el(
      'p',
      { class: 'scopes' },
      'Token with ',
      ...scopes.flatMap((scope, i) => [i === 0 ? '' : ' or ', el('code', {}, scope)]),
    ),
    parameters.length === 0 ? undefined : el('h3', {}, 'Parameters'),
    table(['Name', 'In', 'Type', 'Required', 'Meaning'], parameters),
    body === undefined ? undefined : el('h3', {}, 'Request body'),
    body === undefined
      ? undefined
      : table(['Member', 'Type', 'Required', 'Meaning'], memberRows(api, body.schema)),
    exampleFigures(body),
    el('h3', {}, 'Try it'),
    el('pre', {}, curl(api, method, path, operation)),
    el('h3', {}, 'Answers'),
    ...Object.entries(operation.responses).map(([status, declared]) => response(api, status, declared)),
  )
}

function show(api, address) {
  const operations = Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [path, method.toUpperCase(), operation]),
  )
  const title = api.info.title.replace(/^Alidade: /, '')
  document.querySelector('#documents').append(el('a', { href: address }, `${title} (OpenAPI)`))
  document
    .querySelector('#contents')
    .append(
      el('h2', {}, title),
      ...operations.map(([path, method, operation]) =>
        el(
          'a',
          { href: `#${anchorOf(path, operation)}` },
          el('span', { class: `method ${method}` }, method),
          operation.summary,
        ),
      ),
    )
  document
    .querySelector('#operations')
    .append(
      el(
        'div',
        { class: 'api' },
        el('h1', {}, title),
        el('p', {}, ...prose(api.info.description)),
        ...operations.map(([path, method, operation]) => section(api, path, method, operation)),
      ),
    )
}

async function load(address) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`expected 200 from ${address}, got ${answer.status}`)
  return answer.json()
}

try {
  const apis = await Promise.all(addresses.map(load))
  document.querySelector('#operations').replaceChildren()
  apis.forEach((api, i) => {
    show(api, addresses[i])
  })
  if (location.hash !== '')
    document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
} catch (error) {
  document.querySelector('#operations').replaceChildren(el('p', { class: 'note' }, String(error)))
}
