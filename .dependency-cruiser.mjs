// @ts-check
/**
 * The import table of docs/architecture.md as rules. A room may import itself, what stands beside it here, npm
 * packages and Node's own modules; the rules below the table take away what is still too much.
 */
const ROOMS = {
  events: [],
  topology: ['events'],
  api: ['events', 'topology'],
  exchange: ['events'],
  domain: ['events'],
  protocol: [],
  'protocol/price': ['events', 'protocol/portable'],
  'platform/ports': ['events', 'topology', 'api'],
  'platform/kms': ['events', 'topology', 'platform/ports'],
  'platform/store': ['events', 'topology', 'platform/ports', 'platform/kms'],
  'platform/doors': ['events', 'topology', 'api', 'platform/ports', 'platform/kms', 'platform/store'],
  'platform/aws': ['events', 'topology', 'api', 'platform/ports', 'platform/kms', 'platform/store', 'platform/doors'],
  'platform/embedded': ['events', 'topology', 'api', 'platform/ports', 'platform/kms', 'platform/store', 'platform/doors'],
  // platform/aws: only from aws.ts, see 'only-aws-entries-reach-platform-aws'
  lambdas: ['events', 'domain', 'protocol', 'api', 'exchange', 'topology', 'platform/ports', 'platform/aws'],
  devices: ['protocol', 'topology', 'events'],
  web: ['events', 'api', 'protocol', 'topology'],
  lib: ['topology', 'events', 'api'],
  tools: ['topology', 'events', 'protocol', 'api'],
};

/** Everything that ships; test, bench and tools stand outside. */
const PRODUCT = '^(bin|lib|topology|events|domain|protocol|api|exchange|lambdas|platform|devices|web)/';
const OURS = '^(bin|lib|topology|events|domain|protocol|api|exchange|lambdas|platform|devices|web|test|bench|fuzz|tools)/';
const ANY_NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

/** Rooms inside a room, which have a line of their own. @param {string} room */
const inside = (room) => Object.keys(ROOMS).filter((other) => other.startsWith(`${room}/`));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const tableRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `room-${room.replace('/', '-')}`,
  severity: 'error',
  comment: `${room}/ may import of ours: ${allowed.join(', ') || 'nothing'}`,
  from: { path: `^${room}/`, pathNot: inside(room).map((name) => `^${name}/`) },
  to: { path: OURS, pathNot: [room, ...allowed].map((name) => `^${name}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...tableRules,
    {
      name: 'product-knows-no-test',
      severity: 'error',
      comment: 'what ships never imports test, bench, fuzz or tools, and bin is imported by tests and benches only',
      from: { path: PRODUCT },
      to: { path: '^(test|bench|fuzz|tools)/' },
    },
    {
      name: 'nobody-imports-bin',
      severity: 'error',
      comment: 'bin/ composes; it is composed by nobody (tests and benches may start it)',
      from: { path: OURS, pathNot: '^(bin|test|bench)/' },
      to: { path: '^bin/' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'domain/ has no clock, no I/O, no libraries: it imports events/ and nothing else',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core', ...ANY_NPM] },
    },
    {
      name: 'domain-only-meterday-weighs',
      severity: 'error',
      comment: 'inside domain/ only meterday/ may import vee/',
      from: { path: '^domain/', pathNot: '^domain/(meterday|vee)/' },
      to: { path: '^domain/vee/' },
    },
    {
      name: 'domain-only-billing-prices',
      severity: 'error',
      comment: 'inside domain/ only billing/ may import tariff/',
      from: { path: '^domain/', pathNot: '^domain/(billing|tariff)/' },
      to: { path: '^domain/tariff/' },
    },
    {
      name: 'nothing-weakens-the-gate',
      severity: 'error',
      comment: 'policies below the one in force are made in domain/privacy/weakening.ts, for tests and measurements alone',
      from: { path: OURS, pathNot: '^(domain/privacy/policy\\.ts$|test/|bench/)' },
      to: { path: '^domain/privacy/weakening\\.ts$' },
    },
    {
      name: 'protocol-needs-crypto-only',
      severity: 'error',
      comment: 'protocol/ runs in a meter: node:crypto and node:buffer, no other module of Node',
      from: { path: '^protocol/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'portable-needs-no-node',
      severity: 'error',
      comment: 'protocol/portable, application and price run in browsers: Web Crypto, no module of Node',
      from: { path: '^protocol/(portable|application|price)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'portable-stands-alone',
      severity: 'error',
      comment: 'the rest of protocol/ needs node:crypto',
      from: { path: '^protocol/(portable|application)/' },
      to: { path: '^protocol/(?!(portable|application)/)' },
    },
    {
      name: 'plain-rooms-need-no-library',
      severity: 'error',
      comment: 'protocol/ and topology/ depend on no npm package',
      from: { path: '^(protocol|topology)/' },
      to: { dependencyTypes: ANY_NPM },
    },
    {
      name: 'aws-sdk-in-platform-aws',
      severity: 'error',
      comment: 'platform/aws is the only place that imports @aws-sdk (tests of it may)',
      from: { path: OURS, pathNot: '^(platform/aws|test)/' },
      to: { path: 'node_modules/(@aws-sdk|@smithy|aws-sdk)/|^(@aws-sdk|@smithy)/|^aws-sdk$' },
    },
    {
      name: 'access-is-recorded-first',
      severity: 'error',
      comment:
        'an access to subject data is made in lambdas/shared/access/subject-data.ts alone, behind a durable DataAccessed; the store asks what it covers',
      from: { path: OURS, pathNot: '^(lambdas/shared/access/subject-data\\.ts$|platform/store/subject-check\\.ts$|test/)' },
      to: { path: '^platform/ports/subject-grants\\.ts$' },
    },
    {
      name: 'cbor-without-eval',
      severity: 'error',
      comment: 'cbor-x/index-no-eval only: the main entry compiles code at run time and loads a native add-on',
      from: { path: OURS },
      to: { path: 'node_modules/cbor-x/(?!dist/index-no-eval)' },
    },
    {
      name: 'only-aws-entries-reach-platform-aws',
      severity: 'error',
      comment: 'lambdas/<name>/aws.ts is the only importer of platform/aws; bench/cost prices what its adapters count',
      from: { path: OURS, pathNot: '^(platform/aws/|test/|bench/cost/|lambdas/[^/]+/aws\\.ts$)' },
      to: { path: '^platform/aws/' },
    },
    {
      name: 'nobody-imports-aws-entries',
      severity: 'error',
      comment: 'an aws.ts is an entry: importing it would start the AWS platform',
      from: { path: OURS },
      to: { path: '^lambdas/[^/]+/aws\\.ts$' },
    },
    {
      name: 'no-runtime-cycles',
      severity: 'error',
      comment: 'cycles of type imports vanish; cycles of value imports do not',
      from: { path: OURS },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'a module that imports nothing and that nobody imports is dead, unless it is listed here',
      from: { orphan: true, path: OURS, pathNot: '^test/.+\\.test\\.ts$' },
      to: {},
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'an import that leads nowhere hides from every other rule',
      from: { path: OURS },
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      comment: 'a package that package.json does not name is there by accident',
      from: { path: OURS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-packages-in-the-product',
      severity: 'error',
      comment: 'what ships runs without devDependencies; their types alone may be imported',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Without it type imports are invisible, and a forbidden one passes.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
