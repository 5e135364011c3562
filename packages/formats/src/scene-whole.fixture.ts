// One scene with everything that the model names, written by hand: as JSON 6.0, and the same as XML 4.0.
export const identity = { M_00: 1, M_01: 0, M_02: 0, M_10: 0, M_11: 1, M_12: 0, M_20: 0, M_21: 0, M_22: 1 }
export const box = { xmin: 0, ymin: 0, zmin: 0, xmax: 1, ymax: 2, zmax: 1.5 }

/** Anew each time: tests change it. */
export const wholeScene = () => structuredClone(whole)

const whole = {
  version: '6.0',
  SpatialReferenceSystems: {
    '0': { Definition: 'EPSG:32632', Name: 'UTM 32N' },
    '3': { Definition: 'Local:unit=meter' },
  },
  PhotoCollection: {
    SRSId: 0,
    Devices: {
      '0': {
        Type: 'perspective',
        Dimensions: { width: 400, height: 300 },
        Band: 'Visible',
        PrincipalPoint: { x: 200.5, y: 150 },
        FocalLength: 350.25,
        RadialDistortion: { k1: -0.01, k2: 1e-5, k3: 0 },
        TangentialDistortion: { p1: 0, p2: 2.5e-6 },
        AspectRatio: 1,
        Skew: 0,
      },
      '1': {
        Type: 'orthotile',
        Dimensions: { width: 1000, height: 1000 },
        PixelSize: { Width: 0.05, Height: -0.05 },
        NoData: -9999,
      },
    },
    Poses: {
      '0': { Center: { x: 1, y: 2, z: 3 }, Rotation: { omega: 3.1, phi: 0, kappa: -0.5 } },
      '1': { Center: { x: 4, y: 5, z: 6 } },
    },
    Photos: {
      '0': { ImagePath: '0:flight\\a.jpg', DeviceId: 0, PoseId: 0, NearDepth: 10, MedianDepth: 20.5, FarDepth: 90 }, // biome-ignore format: one line
      '7': { ImagePath: '0:tile.tif', DeviceId: 1, Location: { UlX: 500000, UlY: 5400000 }, DepthPath: '0:surface.tif' }, // biome-ignore format: one line
    },
  },
  MeshCollection: { SRSId: 0, Meshes: { '0': { Name: 'model', Path: '1:a.3mx', BoundingBox: box } } },
  PointCloudCollection: {
    SRSId: 0,
    PointClouds: {
      '0': { Name: 'scan', Path: '1:a.las', BoundingBox: box, Type: 'Static', Location: 'Center', Center: { x: 1, y: 2, z: 3 } }, // biome-ignore format: one line
      '1': { Path: '1:sub\\b.laz', SRSId: 3, Type: 'Mobile', Location: 'InFile', TrajectoryId: 0 },
    },
  },
  TrajectoryCollection: {
    SRSId: 0,
    Trajectories: {
      '0': {
        Paths: ['1:way-1.txt', '1:way-2.txt'],
        Delimiters: [',', ';'],
        CombineConsecutiveDelimiters: true,
        DecimalSeparator: '.',
        LinesToIgnore: 2,
        ...{ TimeColumnId: 0, XColumnId: 1, YColumnId: 2, ZColumnId: 3 },
      },
    },
  },
  Annotations: {
    Labels: { '1': { Name: 'crack', Line: true, Contour: false, Object: true }, '2': { Name: 'roof' } },
    Objects2D: {
      '0': {
        'guid-a': {
          LabelInfo: { LabelId: 1, Confidence: 0.9 },
          Box2D: { xmin: 0.1, ymin: 0.2, xmax: 0.3, ymax: 0.4 },
          TextInfo: { Text: 'B 12', Orientation: 90 },
        },
        'guid-b': { LabelInfo: { LabelId: 2 }, Box2D: { xmin: 0, ymin: 0, xmax: 1, ymax: 1 } },
      },
      '7': {},
    },
    Segmentation2D: { '0': { Path: '2:a.png' }, '7': { Path: '2:tile.png' } },
    Segmentation3D: { SRSId: 0, Path: '2:segmented.las' },
    Objects3D: {
      SRSId: 0,
      Objects: {
        'guid-c': {
          LabelInfo: { LabelId: 1, Confidence: 0.5 },
          RotatedBox3D: { Box3D: box, Rotation: identity },
        },
      },
    },
    Lines2D: {
      SRSId: 0,
      Lines: {
        'guid-d': {
          LabelInfo: { LabelId: 1 },
          ...{ Length: 5, MeanDiameter: 0.25, MaxDiameter: 0.3 },
          Vertices: {
            '0': { Position: { x: 0, y: 0 }, Diameter: 0.2 },
            '1': { Position: { x: 3, y: 4 }, Diameter: 0.3 },
          },
          Segments: [{ VertexId1: 0, VertexId2: 1 }],
        },
      },
    },
    Lines3D: {
      SRSId: 0,
      Lines: {
        'guid-e': {
          LabelInfo: { LabelId: 1, Confidence: 0.75 },
          ...{ Length: 4, MeanDiameter: 0.2, MaxDiameter: 0.2 },
          Vertices: {
            '0': { Position: { x: 0, y: 0, z: 0 }, Diameter: 0.2 },
            '1': { Position: { x: 2, y: 0, z: 0 }, Diameter: 0.2 },
            '2': { Position: { x: 0, y: 2, z: 0 }, Diameter: 0.2 },
          },
          Segments: [
            { VertexId1: 0, VertexId2: 1 },
            { VertexId1: 0, VertexId2: 2 },
          ],
        },
      },
    },
    Polygons2D: {
      SRSId: 0,
      Polygons: {
        'guid-f': {
          LabelInfo: { LabelId: 2 },
          Area: 15.5,
          Vertices: {
            '0': { Position: { x: 0, y: 0 } },
            '1': { Position: { x: 4, y: 0 } },
            '2': { Position: { x: 4, y: 4 } },
            '3': { Position: { x: 0, y: 4 } },
            '4': { Position: { x: 1, y: 1 } },
            '5': { Position: { x: 2, y: 1 } },
            '6': { Position: { x: 1, y: 2 } },
          },
          OuterBoundary: { VertexIds: [0, 1, 2, 3] },
          InnerBoundaries: [{ VertexIds: [4, 6, 5] }],
        },
      },
    },
    Polygons3D: {
      SRSId: 0,
      Polygons: {
        'guid-g': {
          LabelInfo: { LabelId: 2, Confidence: 1 },
          Area: 2,
          Vertices: {
            '0': { Position: { x: 0, y: 0, z: 5 } },
            '1': { Position: { x: 2, y: 0, z: 5 } },
            '2': { Position: { x: 0, y: 2, z: 6 } },
          },
          OuterBoundary: { VertexIds: [0, 1, 2] },
        },
      },
    },
  },
  References: {
    '0': { Path: 'C:\\photos' },
    '1': { Path: 'rds:11111111-2222-3333-4444-555555555555' },
    '2': { Path: '\\\\server\\share\\results' },
  },
}

const boxXml = `<xmin>0</xmin><ymin>0</ymin><zmin>0</zmin><xmax>1</xmax><ymax>2</ymax><zmax>1.5</zmax>`
const vertex2D = (id: number, x: number, y: number, more = '') =>
  `<Vertex id="${id}"><Position><x>${x}</x><y>${y}</y></Position>${more}</Vertex>`
const vertex3D = (id: number, x: number, y: number, z: number, more = '') =>
  `<Vertex id="${id}"><Position><x>${x}</x><y>${y}</y><z>${z}</z></Position>${more}</Vertex>`
const segment = (a: number, b: number) =>
  `<Segment><VertexId1>${a}</VertexId1><VertexId2>${b}</VertexId2></Segment>`
const vertexIds = (...ids: number[]) =>
  `<VertexIds>${ids.map((id) => `<VertexId>${id}</VertexId>`).join('')}</VertexIds>`

export const wholeSceneXml = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<ContextScene version="4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SpatialReferenceSystems>
    <SRS id="0"><Definition>EPSG:32632</Definition><Name>UTM 32N</Name></SRS>
    <SRS id="3"><Definition>Local:unit=meter</Definition></SRS>
  </SpatialReferenceSystems>
  <PhotoCollection>
    <SRSId>0</SRSId>
    <Devices>
      <Device id="0">
        <Type>perspective</Type>
        <Dimensions><width>400</width><height>300</height></Dimensions>
        <Band>Visible</Band>
        <PrincipalPoint><x>200.5</x><y>150</y></PrincipalPoint>
        <FocalLength>350.25</FocalLength>
        <RadialDistortion><k1>-0.01</k1><k2>1e-05</k2><k3>0</k3></RadialDistortion>
        <TangentialDistortion><p1>0.0</p1><p2>2.5E-006</p2></TangentialDistortion>
        <AspectRatio>1</AspectRatio>
        <Skew>0</Skew>
      </Device>
      <Device id="1">
        <Type>orthotile</Type>
        <Dimensions><width>1000</width><height>1000</height></Dimensions>
        <PixelSize><Width>0.05</Width><Height>-.05</Height></PixelSize>
        <NoData>-9999</NoData>
      </Device>
    </Devices>
    <Poses>
      <Pose id="0">
        <Center><x>1</x><y>2</y><z>3</z></Center>
        <Rotation><omega>3.1</omega><phi>0</phi><kappa>-0.5</kappa></Rotation>
      </Pose>
      <Pose id="1"><Center><x>4</x><y>5</y><z>6</z></Center></Pose>
    </Poses>
    <Photos>
      <Photo id="0">
        <ImagePath>0:flight\\a.jpg</ImagePath><DeviceId>0</DeviceId><PoseId>0</PoseId>
        <NearDepth>10</NearDepth><MedianDepth>20.5</MedianDepth><FarDepth>9e1</FarDepth>
      </Photo>
      <Photo id="7">
        <ImagePath>0:tile.tif</ImagePath><DeviceId>1</DeviceId>
        <Location><UlX>500000</UlX><UlY>5.4e6</UlY></Location><DepthPath>0:surface.tif</DepthPath>
      </Photo>
    </Photos>
  </PhotoCollection>
  <MeshCollection>
    <SRSId>0</SRSId>
    <Meshes><Mesh id="0"><Name>model</Name><Path>1:a.3mx</Path><BoundingBox>${boxXml}</BoundingBox></Mesh></Meshes>
  </MeshCollection>
  <PointCloudCollection>
    <SRSId>0</SRSId>
    <PointClouds>
      <PointCloud id="0">
        <Name>scan</Name><Path>1:a.las</Path><BoundingBox>${boxXml}</BoundingBox>
        <Type>Static</Type><Location>Center</Location><Center><x>1</x><y>2</y><z>3</z></Center>
      </PointCloud>
      <PointCloud id="1">
        <Path>1:sub\\b.laz</Path><SRSId>3</SRSId><Type>Mobile</Type><Location>InFile</Location><TrajectoryId>0</TrajectoryId>
      </PointCloud>
    </PointClouds>
  </PointCloudCollection>
  <TrajectoryCollection>
    <SRSId>0</SRSId>
    <Trajectories>
      <Trajectory id="0">
        <Paths><Path>1:way-1.txt</Path><Path>1:way-2.txt</Path></Paths>
        <Delimiters><Delimiter>,</Delimiter><Delimiter>;</Delimiter></Delimiters>
        <CombineConsecutiveDelimiters>true</CombineConsecutiveDelimiters>
        <DecimalSeparator>.</DecimalSeparator>
        <LinesToIgnore>2</LinesToIgnore>
        <TimeColumnId>0</TimeColumnId><XColumnId>1</XColumnId><YColumnId>2</YColumnId><ZColumnId>3</ZColumnId>
      </Trajectory>
    </Trajectories>
  </TrajectoryCollection>
  <Annotations>
    <Labels>
      <Label id="1"><Name>crack</Name><Line>true</Line><Contour>False</Contour><Object>TRUE</Object></Label>
      <Label id="2"><Name>roof</Name></Label>
    </Labels>
    <Objects>
      <ObjectsInPhoto>
        <PhotoId>0</PhotoId>
        <Objects>
          <Object2D id="guid-a">
            <LabelInfo><Confidence>0.9</Confidence><LabelId>1</LabelId></LabelInfo>
            <Box2D>
              <xmin>0.1</xmin>
              <ymin>0.2</ymin>
              <xmax>0.3</xmax>
              <ymax>0.4</ymax>
            </Box2D>
            <TextInfo><Text>B 12</Text><Orientation>90</Orientation></TextInfo>
          </Object2D>
          <Object2D id="guid-b">
            <LabelInfo><LabelId>2</LabelId></LabelInfo>
            <Box2D><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></Box2D>
          </Object2D>
        </Objects>
      </ObjectsInPhoto>
      <ObjectsInPhoto><PhotoId>7</PhotoId><Objects/></ObjectsInPhoto>
    </Objects>
    <PhotoSegmentation><PhotoId>0</PhotoId><Path>2:a.png</Path></PhotoSegmentation>
    <PhotoSegmentation><PhotoId>7</PhotoId><Path>2:tile.png</Path></PhotoSegmentation>
    <Segmentation3D><SRSId>0</SRSId><Path>2:segmented.las</Path></Segmentation3D>
    <Objects3D>
      <SRSId>0</SRSId>
      <Objects>
        <Object3D id="guid-c">
          <LabelInfo><LabelId>1</LabelId><Confidence>0.5</Confidence></LabelInfo>
          <RotatedBox3D>
            <Box3D>${boxXml}</Box3D>
            <Rotation>
              <M_00>1</M_00><M_01>0</M_01><M_02>0</M_02>
              <M_10>0</M_10><M_11>1</M_11><M_12>0</M_12>
              <M_20>0</M_20><M_21>0</M_21><M_22>1</M_22>
            </Rotation>
          </RotatedBox3D>
        </Object3D>
      </Objects>
    </Objects3D>
    <Lines2D>
      <SRSId>0</SRSId>
      <Lines>
        <Line id="guid-d">
          <LabelInfo><LabelId>1</LabelId></LabelInfo>
          <Length>5</Length><MeanDiameter>0.25</MeanDiameter><MaxDiameter>0.3</MaxDiameter>
          <Vertices>
            ${vertex2D(0, 0, 0, '<Diameter>0.2</Diameter>')}
            ${vertex2D(1, 3, 4, '<Diameter>0.3</Diameter>')}
          </Vertices>
          <Segments>${segment(0, 1)}</Segments>
        </Line>
      </Lines>
    </Lines2D>
    <Lines3D>
      <SRSId>0</SRSId>
      <Lines>
        <Line id="guid-e">
          <LabelInfo><LabelId>1</LabelId><Confidence>0.75</Confidence></LabelInfo>
          <Length>4</Length><MeanDiameter>0.2</MeanDiameter><MaxDiameter>0.2</MaxDiameter>
          <Vertices>
            ${vertex3D(0, 0, 0, 0, '<Diameter>0.2</Diameter>')}
            ${vertex3D(1, 2, 0, 0, '<Diameter>0.2</Diameter>')}
            ${vertex3D(2, 0, 2, 0, '<Diameter>0.2</Diameter>')}
          </Vertices>
          <Segments>${segment(0, 1)}${segment(0, 2)}</Segments>
        </Line>
      </Lines>
    </Lines3D>
    <Polygons2D>
      <SRSId>0</SRSId>
      <Polygons>
        <Polygon id="guid-f">
          <LabelInfo><LabelId>2</LabelId></LabelInfo>
          <Area>15.5</Area>
          <Vertices>
            ${[vertex2D(0, 0, 0), vertex2D(1, 4, 0), vertex2D(2, 4, 4), vertex2D(3, 0, 4)].join('')}
            ${[vertex2D(4, 1, 1), vertex2D(5, 2, 1), vertex2D(6, 1, 2)].join('')}
          </Vertices>
          <OuterBoundary>${vertexIds(0, 1, 2, 3)}</OuterBoundary>
          <InnerBoundaries><InnerBoundary>${vertexIds(4, 6, 5)}</InnerBoundary></InnerBoundaries>
        </Polygon>
      </Polygons>
    </Polygons2D>
    <Polygons3D>
      <SRSId>0</SRSId>
      <Polygons>
        <Polygon id="guid-g">
          <LabelInfo><LabelId>2</LabelId><Confidence>1</Confidence></LabelInfo>
          <Area>2</Area>
          <Vertices>${vertex3D(0, 0, 0, 5)}${vertex3D(1, 2, 0, 5)}${vertex3D(2, 0, 2, 6)}</Vertices>
          <OuterBoundary>${vertexIds(0, 1, 2)}</OuterBoundary>
        </Polygon>
      </Polygons>
    </Polygons3D>
  </Annotations>
  <References>
    <Reference id="0"><Path>C:\\photos</Path></Reference>
    <Reference id="1"><Path>rds:11111111-2222-3333-4444-555555555555</Path></Reference>
    <Reference id="2"><Path>\\\\server\\share\\results</Path></Reference>
  </References>
</ContextScene>
`
