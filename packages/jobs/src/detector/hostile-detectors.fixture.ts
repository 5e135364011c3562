// Files that are no detectors, or mean harm, each with a part of the sentence that refuses it.
import { deflateRawSync } from 'node:zlib'
import { detectorArchive, labelsXml, manifest, metadataXml } from './detector.fixture.ts'
import { field, message, node, onnxGraph, onnxModel, tensor, valueInfo, varint } from './onnx.fixture.ts'
import { type FixtureArchive, type FixtureEntry, zip } from './zip.fixture.ts'

type Hostile = Record<string, [file: Uint8Array, refusal: string]>

const good: FixtureEntry[] = [
  { name: 'alidade-detector.json', data: JSON.stringify(manifest) },
  { name: 'model.onnx', data: onnxModel() },
]
const withEntry = (entry: FixtureEntry, archive?: FixtureArchive) => zip([...good, entry], archive)
const named = (name: string | Uint8Array) => withEntry({ name, data: 'x' })
const zeros = (bytes: number) => new Uint8Array(bytes)

export const hostileArchives: Hostile = {
  'an empty file': [zeros(0), 'byte 0: expected a zip archive or an ONNX model, got an empty file'],
  'a PDF': [Buffer.from('%PDF-1.7'), 'got bytes that begin 25 50 44 46'],
  'a gzip file': [Buffer.from([0x1f, 0x8b, 8, 0]), 'got bytes that begin 1f 8b 08 00'],
  'a TensorFlow graph': [Buffer.from([0x0a, 0x05, 0x12]), 'got bytes that begin 0a 05 12'],
  'an archive without entries': [zip([]), 'got none'],
  'only the beginning of an archive': [detectorArchive().subarray(0, 200), 'the end of a zip directory'],
  'an archive with something behind it': [
    zip(good, { after: Buffer.from('tail') }),
    'the end of a zip directory',
  ],
  'an archive with something before it': [
    zip(good, { claim: { directoryOffset: 10 } }),
    'expected a directory that ends here',
  ],
  'a directory that claims more entries than it has': [
    zip(good, { claim: { entries: 3 } }),
    'entry 3 of 3 of the directory',
  ],
  'a directory that claims fewer entries': [
    zip(good, { claim: { entries: 1 } }),
    'archive directory: expected',
  ],
  'a directory of gigabytes': [
    zip(good, { claim: { directoryBytes: 0xfffffff0 } }),
    'a directory that ends here',
  ],
  'a directory of 60,000 entries': [
    zip(good, { claim: { entries: 60_000 } }),
    'at most 1000 entries, got 60000',
  ],
  'more entries than the limit': [
    zip([...good, ...Array.from({ length: 1000 }, (_, i) => ({ name: `f/${i}`, data: '' }))]),
    'at most 1000 entries, got 1002',
  ],
  'a part of several archives': [zip(good, { claim: { disk: 1 } }), 'got a part of several'],
  'a ZIP64 directory': [zip(good, { claim: { entries: 0xffff, onDisk: 0xffff } }), 'got ZIP64'],
  'a ZIP64 entry': [
    withEntry({ name: 'a', data: 'x', claim: { unpacked: 0xffffffff } }),
    'a: expected an entry below 4 GB',
  ],
  'an encrypted entry': [
    withEntry({ name: 'a', data: 'x', flags: 0x0801 }),
    'a: expected an entry without encryption',
  ],
  'an entry packed by LZMA': [
    withEntry({ name: 'a', data: 'x', method: 14 }),
    'a: expected an entry stored or deflated, got method 14',
  ],
  'a symbolic link': [
    withEntry({ name: 'a', data: '/etc/passwd', mode: 0o120777 }),
    'a: expected a file or folder, got a symbolic link',
  ],
  'a device': [withEntry({ name: 'a', data: '', mode: 0o020666 }), 'got a special file'],
  'a named pipe': [withEntry({ name: 'a', data: '', mode: 0o010666 }), 'got a special file'],
  'a name that leads out': [named('../../etc/cron.d/x'), 'without empty, . and .. segments'],
  'a name that leads out from within': [named('a/../../b'), 'without empty, . and .. segments'],
  'a name with a dot segment': [named('./model.onnx'), 'without empty, . and .. segments'],
  'an absolute name': [named('/etc/passwd'), 'expected a name inside the archive'],
  'a name with a drive': [named('C:/windows/x'), 'expected a name inside the archive'],
  'a name with backslashes': [named('..\\..\\x'), 'whose folders are separated by /'],
  'a name with NUL': [named('model.onnx\0.txt'), 'without control characters'],
  'a name with a line break': [named('a\nb'), 'without control characters'],
  'an empty name': [named(''), 'a name of 1 to 1024 characters, got 0'],
  'a name of two thousand characters': [named('a'.repeat(2000)), 'a name of 1 to 1024 characters, got 2000'],
  'a name with an empty segment': [named('a//b'), 'without empty, . and .. segments'],
  'a name that is not UTF-8': [named(Uint8Array.from([0x61, 0xc0, 0xaf])), 'expected a name in UTF-8'],
  'a name of an unknown code page': [
    withEntry({ name: Uint8Array.from([0x81]), data: '', flags: 0 }),
    'in ASCII, or marked as UTF-8',
  ],
  'one name twice': [named('model.onnx'), 'model.onnx: expected a name of its own'],
  'one name in two cases': [named('MODEL.onnx'), 'expected a name of its own'],
  'one name composed and decomposed': [
    zip([...good, { name: 'é', data: '' }, { name: 'é', data: '' }]),
    'expected a name of its own',
  ],
  'a file that is a folder too': [named('model.onnx/x'), 'expected a folder above it'],
  'a folder that is a file too': [
    zip([...good, { name: 'a/b', data: '' }, { name: 'a', data: '' }]),
    'expected a name of its own',
  ],
  'a folder with bytes': [withEntry({ name: 'a/', data: 'x' }), 'expected a folder without bytes'],
  'an entry with other names in its two headers': [
    withEntry({ name: 'harmless', data: 'x', local: { name: '../harm!' } }),
    'without empty, . and .. segments',
  ],
  'an entry that is called otherwise in its local header': [
    withEntry({ name: 'a', data: 'x', local: { name: 'b' } }),
    'a: expected one name, got another one: b',
  ],
  'an entry with other sizes in its two headers': [
    withEntry({ name: 'a', data: 'x', local: { unpacked: 2 } }),
    'a header that agrees with the directory',
  ],
  'an entry with another method in its local header': [
    withEntry({ name: 'a', data: 'x', local: { method: 0 } }),
    'a header that agrees with the directory',
  ],
  'two entries of the same bytes': [
    withEntry({ name: 'a', data: JSON.stringify(manifest), claim: { offset: 0 } }),
    'bytes of its own, got an entry that overlaps another',
  ],
  'an entry that begins inside another': [
    withEntry({ name: 'a', data: 'x', claim: { offset: 7 } }),
    'bytes of its own, got an entry that overlaps another',
  ],
  'an entry behind the directory': [
    withEntry({ name: 'a', data: 'x', claim: { offset: 0x7fffffff } }),
    'bytes of its own',
  ],
  'two entries behind the end of the file': [
    zip([
      ...good,
      { name: 'a', data: 'x', claim: { offset: 0x70000000 } },
      { name: 'b', data: 'x', claim: { offset: 0x7fffffff } },
    ]),
    'a: expected bytes of its own',
  ],
  'an entry that claims the bytes of the directory': [
    withEntry({ name: 'a', data: 'x', claim: { packed: 500 } }),
    'bytes of its own',
  ],
  'a bomb that says so': [
    withEntry({ name: 'zeros', data: zeros(4_000_000) }),
    'at most 100 bytes for each packed one, got 4000000',
  ],
  'a bomb that lies about its size': [
    withEntry({ name: 'zeros', data: zeros(4_000_000), claim: { unpacked: 1000 } }),
    'zeros: expected 1000 bytes, as the directory says, got more',
  ],
  'many small bombs': [
    zip([...good, ...Array.from({ length: 40 }, (_, i) => ({ name: `z${i}`, data: zeros(1_000_000) }))]),
    'archive: expected at most 100 bytes for each packed one',
  ],
  'an archive larger than may be unpacked': [
    withEntry({ name: 'a', data: 'x', stored: true, claim: { unpacked: 0xfffffff0, packed: 0xfffffff0 } }),
    'at most 4000000000 bytes unpacked',
  ],
  'an entry shorter than it says': [
    withEntry({ name: 'a', data: 'abc', claim: { unpacked: 4 } }),
    'a: expected 4 bytes, as the directory says, got 3',
  ],
  'a stored entry that says another size': [
    withEntry({ name: 'a', data: 'abc', stored: true, claim: { unpacked: 9 } }),
    'a: expected 9 bytes, as the directory says, got 3',
  ],
  'an entry with other bytes than its checksum': [
    withEntry({ name: 'a', data: 'abc', claim: { crc32: 1 } }),
    'the checksum of the directory',
  ],
  'an entry whose deflated bytes are none': [
    withEntry({ name: 'a', data: 'abc', packedBytes: Buffer.from([0xff, 0xff, 0xff]) }),
    'a: expected deflated bytes',
  ],
  'an entry whose deflated bytes break off': [
    withEntry({
      name: 'a',
      data: 'x'.repeat(100),
      packedBytes: deflateRawSync('x'.repeat(100)).subarray(0, 3),
    }),
    'a: expected deflated bytes',
  ],
  'an entry with bytes hidden behind its deflated ones': [
    withEntry({
      name: 'a',
      data: 'abc',
      packedBytes: Buffer.concat([deflateRawSync('abc'), Buffer.from('hidden')]),
    }),
    'packed bytes, got',
  ],
  'an archive inside the archive': [
    withEntry({ name: 'inner.dat', data: zip(good) }),
    'inner.dat: expected no archive inside',
  ],
  'a model that is an archive': [detectorArchive({}, zip(good)), 'model.onnx: expected no archive inside'],
}

const noModel = (data: string) => zip([{ name: 'alidade-detector.json', data }])
const changed = (changes: Record<string, unknown>) => detectorArchive(changes)
const xml = (metadata: string | Uint8Array, labels: string | Uint8Array = labelsXml) =>
  zip([
    { name: 'metadata.xml', data: metadata },
    { name: 'labels.xml', data: labels },
    { name: 'model.onnx', data: onnxModel() },
  ])

export const hostileManifests: Hostile = {
  'no manifest': [
    zip([{ name: 'model.onnx', data: onnxModel() }]),
    'expected alidade-detector.json, or metadata.xml and labels.xml',
  ],
  'a manifest in a folder beside others': [
    zip([
      { name: 'a/alidade-detector.json', data: JSON.stringify(manifest) },
      { name: 'b/model.onnx', data: onnxModel() },
    ]),
    'beside the model, got a/alidade-detector.json, b/model.onnx',
  ],
  'only one of the two XML files': [zip([{ name: 'metadata.xml', data: metadataXml }]), 'got metadata.xml'],
  'no model': [noModel(JSON.stringify(manifest)), 'expected the model model.onnx, got alidade-detector.json'],
  'a TensorFlow model': [
    zip([
      { name: 'metadata.xml', data: metadataXml },
      { name: 'labels.xml', data: labelsXml },
      { name: 'frozen_inference_graph.pb', data: 'x' },
    ]),
    'frozen_inference_graph.pb, which has to be converted to ONNX',
  ],
  'a model named elsewhere': [changed({ model: '../model.onnx' }), 'expected the model ../model.onnx'],
  'a manifest that is no JSON': [noModel('{'), 'alidade-detector.json: expected JSON in UTF-8'],
  'a manifest of two megabytes': [
    zip([{ name: 'alidade-detector.json', data: ' '.repeat(2_000_000), stored: true }]),
    'alidade-detector.json: expected at most 1048576 bytes, got 2000000',
  ],
  'a manifest nested without end': [noModel('['.repeat(100_000)), 'alidade-detector.json: expected JSON'],
  'a manifest that is a list': [noModel('[]'), 'alidade-detector.json: must be object'],
  'a manifest of a later version': [
    changed({ version: 2 }),
    'alidade-detector.json: version: expected 1, got 2',
  ],
  'a manifest without a task': [changed({ task: undefined }), 'must have required properties task'],
  'an unknown task': [changed({ task: 'Guess' }), 'alidade-detector.json: task: expected one of'],
  'an unknown layout': [changed({ layout: 'mine' }), 'alidade-detector.json: layout: expected one of'],
  'an unknown member': [changed({ lables: [] }), 'alidade-detector.json'],
  'no labels': [changed({ labels: [] }), 'alidade-detector.json: labels'],
  'a label without a name': [
    changed({ labels: [{ id: 1 }] }),
    'alidade-detector.json: labels[0]: must have required properties name',
  ],
  'a label with a negative id': [
    changed({ labels: [{ id: -1, name: 'a' }] }),
    'alidade-detector.json: labels[0].id',
  ],
  'two labels of one id': [
    changed({
      labels: [
        { id: 1, name: 'a' },
        { id: 1, name: 'b' },
      ],
    }),
    'labels[1].id: expected an id of its own, got 1 again',
  ],
  'an input without a width': [
    changed({ input: { height: 64 } }),
    'input.width: expected a number for SemanticSegmentation2D',
  ],
  'an input of another size than the model takes': [
    changed({ input: { width: 32, height: 64 } }),
    "input 'image' of the model: expected 32 x 64 pixels, as the manifest says, got 1 x 3 x 64 x 64",
  ],
  'a task that the type of the detector does not have': [
    changed({ task: 'ObjectDetection2D', layout: 'yolov8' }),
    'task: expected SemanticSegmentation2D, as the type of the detector says, got ObjectDetection2D',
  ],
  'XML with a document type': [
    xml(`<!DOCTYPE Metadata SYSTEM "file:///etc/passwd">${metadataXml}`),
    'metadata.xml: expected XML without DOCTYPE',
  ],
  'XML with a billion laughs': [
    xml(`<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Metadata>&b;</Metadata>`),
    'metadata.xml: expected XML without DOCTYPE',
  ],
  'XML with an entity of nowhere': [
    xml(metadataXml.replace('DeepLab', '&xxe;')),
    'text whose entities XML knows',
  ],
  'XML with CDATA': [
    xml(metadataXml.replace('DeepLab', '<![CDATA[x]]>')),
    'without DOCTYPE, ENTITY and CDATA',
  ],
  'XML with an instruction': [xml(metadataXml.replace('DeepLab', '<?php x?>')), 'expected an element'],
  'XML in UTF-16': [xml(Buffer.from(metadataXml, 'utf16le')), 'metadata.xml'],
  'XML that says UTF-7': [
    xml(metadataXml.replace('utf-8', 'utf-7')),
    'metadata.xml: expected XML in UTF-8, got utf-7',
  ],
  'XML with a control character': [
    xml(metadataXml.replace('DeepLab', '\u001a')),
    'expected no control characters',
  ],
  'XML a thousand elements deep': [
    xml('<a>'.repeat(1000) + '</a>'.repeat(1000)),
    'at most 16 elements inside each other',
  ],
  'XML with too many elements': [
    xml(`<Metadata>${'<a/>'.repeat(100_001)}</Metadata>`),
    'at most 100000 elements',
  ],
  'XML that is not closed': [xml('<Metadata><TaskType>'), 'character 20: expected </TaskType>'],
  'XML closed in the wrong order': [xml('<Metadata><a></Metadata></a>'), 'expected </a> before'],
  'XML with something behind it': [xml(`${metadataXml}<more/>`), 'expected the end'],
  'XML of something else': [xml('<html></html>'), 'metadata.xml: expected <Metadata>, got <html>'],
  'metadata of an unknown task': [
    xml(metadataXml.replace('SemanticSegmentation2D', 'Magic')),
    'metadata.xml: TaskType: expected one of',
  ],
  'metadata with a width of no number': [
    xml(metadataXml.replace('64<', '-1<')),
    'Parameters2D.Width: expected a whole number',
  ],
  'labels without any': [xml(metadataXml, '<Labels/>'), 'labels.xml: expected 1 to 10000 labels, got 0'],
  'a label of XML without an id': [
    xml(metadataXml, labelsXml.replace(' id="1"', '')),
    'labels.xml: Label 1, id: expected a whole number',
  ],
  'two labels of XML with one id': [
    xml(metadataXml, labelsXml.replace('"7"', '"1"')),
    'labels.xml: Label 2, id: expected an id of its own',
  ],
  'a label of XML that feeds maybe': [
    xml(metadataXml, labelsXml.replace('true', 'maybe')),
    'Label 1, Line: expected true or false',
  ],
}

const pair = (key: string, value: string) => message(field(1, key), field(2, value))
const nested = (depth: number): Uint8Array =>
  node(
    'If',
    ['c'],
    ['y'],
    field(
      5,
      message(
        field(1, 'then_branch'),
        field(6, depth === 0 ? onnxGraph() : message(field(1, nested(depth - 1)))),
      ),
    ),
  )
const good4 = new Uint8Array(2 * 3 * 4)

export const hostileModels: Hostile = {
  'a model of two bytes': [Uint8Array.from([8, 8]), 'model: expected a graph, got none'],
  'a model that is cut': [onnxModel().subarray(0, 120), 'byte'],
  'a model with a length beyond its end': [
    Buffer.concat([onnxModel(), varint(50n), varint(1_000_000n)]),
    'expected bytes up to',
  ],
  'a model with a length of 2^63': [
    Buffer.concat([onnxModel(), varint(50n), varint(2n ** 63n)]),
    'expected bytes up to',
  ],
  'a whole number without end': [
    Buffer.concat([Uint8Array.from([8]), zeros(20).fill(0xff)]),
    'a whole number of at most ten bytes',
  ],
  'a field of a kind that there is not': [
    Buffer.concat([onnxModel(), Uint8Array.from([0x3b])]),
    'expected a field of a protocol buffer',
  ],
  'a field longer than its message': [
    onnxModel({ nodes: [Buffer.concat([varint(10n), varint(5000n)])] }),
    'expected a field that ends before byte',
  ],
  'no graph': [message(field(1, 8), field(8, pair('', ''))), 'model: expected a graph, got none'],
  'two graphs': [onnxModel({ more: [field(7, onnxGraph())] }), 'expected one graph, got another'],
  'a graph that is a number': [message(field(1, 8), field(7, 5)), 'expected a graph, got a varint'],
  'a graph without nodes': [onnxModel({ nodes: [] }), 'graph: expected at least one node'],
  'a graph without outputs': [onnxModel({ outputs: [] }), 'graph: expected at least one output'],
  'a graph whose only input is a weight': [
    onnxModel({ inputs: [valueInfo('weight', [2, 3, 1, 1])] }),
    'graph: expected at least one input',
  ],
  'no opset': [onnxModel({ opsets: [] }), 'opset_import: expected ai.onnx 7 to 26, got none'],
  'an opset from long ago': [
    onnxModel({ opsets: [['', 6]] }),
    'opset_import: expected ai.onnx 7 to 26, got 6',
  ],
  'an opset of the future': [onnxModel({ opsets: [['ai.onnx', 9999]] }), 'got 9999'],
  'an operator of its own': [
    onnxModel({ nodes: [node('Conv', ['image'], ['scores'], field(7, 'evil.ops'))] }),
    "got 'evil.ops.Conv'",
  ],
  'an operator that there is not': [
    onnxModel({ nodes: [node('Exec', ['image'], ['scores'])] }),
    "graph: expected operators of ai.onnx that detect, got 'Exec'",
  ],
  'an operator that reads pictures': [
    onnxModel({ nodes: [node('ImageDecoder', ['image'], ['scores'])] }),
    "got 'ImageDecoder'",
  ],
  'an operator hidden in a branch': [
    onnxModel({
      nodes: [
        node('If', ['c'], ['y'], field(5, message(field(6, onnxGraph({ nodes: [node('PyOp', [], [])] }))))),
      ],
    }),
    "got 'PyOp'",
  ],
  'an operator hidden in a function': [
    onnxModel({
      more: [field(25, message(field(1, 'f'), field(10, 'mine'), field(7, node('PyOp', [], []))))],
    }),
    "got 'PyOp'",
  ],
  'values in another file': [
    onnxModel({
      initializers: [tensor('weight', [2, 3, 1, 1], good4, field(13, pair('location', 'weights.bin')))],
    }),
    "tensor 'weight': expected its values inside the model, got a reference to another file",
  ],
  'values in a file outside': [
    onnxModel({
      initializers: [
        tensor('weight', [6], good4, field(13, pair('location', '../../../etc/shadow')), field(14, 1)),
      ],
    }),
    "tensor 'weight': expected its values inside the model",
  ],
  'values that are only said to be elsewhere': [
    onnxModel({ initializers: [tensor('weight', [6], good4, field(14, 1))] }),
    'expected its values inside the model',
  ],
  'values in another file, in a constant': [
    onnxModel({
      nodes: [
        node('Constant', [], ['k'], field(5, message(field(5, tensor('k', [1], zeros(4), field(14, 1)))))),
      ],
    }),
    "tensor 'k': expected its values inside the model",
  ],
  'values in another file, in a sparse tensor': [
    onnxModel({
      more: [],
      initializers: [],
      nodes: [
        node(
          'Constant',
          [],
          ['k'],
          field(
            5,
            message(
              field(22, message(field(1, tensor('v', [1], zeros(4), field(13, pair('location', 'x')))))),
            ),
          ),
        ),
      ],
    }),
    "tensor 'v': expected its values inside the model",
  ],
  'a tensor of 2^40 values in a few bytes': [
    onnxModel({ initializers: [tensor('weight', [2n ** 40n], good4)] }),
    "tensor 'weight': expected bytes for 1099511627776 values",
  ],
  'a tensor whose size overflows': [
    onnxModel({ initializers: [tensor('weight', [2n ** 62n, 2n ** 62n], good4)] }),
    "tensor 'weight': expected bytes for",
  ],
  'a tensor of negative size': [
    onnxModel({ initializers: [tensor('weight', [-1], good4)] }),
    'sizes of a tensor, got -1',
  ],
  'a tensor of a hundred dimensions': [
    onnxModel({ initializers: [tensor('weight', new Array<number>(100).fill(1), good4)] }),
    'sizes of a tensor',
  ],
  'graphs inside graphs inside graphs': [
    onnxModel({ nodes: [nested(10)] }),
    'at most 8 graphs inside each other',
  ],
  'a name of a hundred kilobytes': [
    onnxModel({ nodes: [node('A'.repeat(100_000), [], ['y'])] }),
    'a text of at most 65536 bytes, got 100000',
  ],
  'a name that is not UTF-8': [
    onnxModel({ nodes: [message(field(4, Uint8Array.from([0xff])))] }),
    'expected text in UTF-8',
  ],
  'too many properties': [
    onnxModel({ metadata: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, 'v'])) }),
    'at most 256 metadata properties',
  ],
  'a model of millions of fields': [
    onnxModel({ more: [Buffer.alloc(4_100_000, Uint8Array.from([0x18, 0x01]))] }),
    'at most 2000000 fields',
  ],
  'a model to train': [
    onnxModel({ more: [field(20, message(field(1, onnxGraph())))] }),
    'expected a model to run, got one to train',
  ],
  'a model that takes no image': [
    onnxModel({ inputs: [valueInfo('image', [1, 3])] }),
    'four dimensions for an image, got 2',
  ],
  'metadata of another kind of model': [
    onnxModel({ metadata: { model_type: '"Regressor"', class_names: '{}' } }),
    'metadata model_type: expected one of Detector, Segmentor',
  ],
  'metadata that is no JSON': [
    onnxModel({ metadata: { model_type: 'Segmentor' } }),
    'metadata model_type: expected JSON',
  ],
  'class names that are code': [
    onnxModel({ metadata: { task: 'segment', names: "{0: __import__('os').system('x')}" } }),
    'metadata names: expected an id and a name',
  ],
  'class names without any': [
    onnxModel({ metadata: { task: 'segment', names: '{}' } }),
    'metadata names: expected 1 to 10000 classes, got 0',
  ],
  'a manifest in the metadata that will not do': [
    onnxModel({ metadata: { 'alidade-detector': '{"version":1}' } }),
    'metadata alidade-detector',
  ],
}
