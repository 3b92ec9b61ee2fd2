/** A template as CloudFormation gets it. */
export interface CloudFormationTemplate {
  readonly Resources?: Readonly<Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

/** The only APIs that may be reached from the internet: those of customers, by the end of their name. */
const PUBLIC_APIS = /-(devices|customers)$/;

/** IPv4, /8 or narrower. */
const NARROW_RANGE = /^[1-9]\d{0,2}(\.\d{1,3}){3}\/([89]|[12]\d|3[0-2])$/;
/** IPv6 of a network of one's own, fc00::/7. */
const LOCAL_RANGE = /^f[cd][0-9a-f]{2}:[0-9a-f:]*\/([89]|[1-9]\d|1[01]\d|12[0-8])$/i;

type Properties = Readonly<Record<string, unknown>>;
type Judge = (properties: Properties) => string | undefined;

/** What each type of resource may not be. */
const JUDGES: Readonly<Record<string, Judge>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ Scheme }) => (Scheme === 'internal' ? undefined : 'a load balancer that is not internal'),
  'AWS::ElasticLoadBalancingV2::Listener': judgeListener,
  'AWS::ElasticLoadBalancing::LoadBalancer': () => 'a classic load balancer',
  'AWS::Lambda::Url': () => 'a function with a URL of its own',
  'AWS::ApiGateway::RestApi': judgeRestApi,
  'AWS::ApiGatewayV2::Api': () => 'an HTTP or WebSocket API, which has no wall',
  'AWS::ApiGateway::Method': ({ HttpMethod }) => (HttpMethod === 'ANY' ? 'a method that takes every verb' : undefined),
  'AWS::EC2::SecurityGroup': ({ SecurityGroupIngress }) => openRange(SecurityGroupIngress),
  'AWS::EC2::SecurityGroupIngress': (properties) => openRange([properties]),
  'AWS::EC2::InternetGateway': () => 'an internet gateway',
  'AWS::EC2::EIP': () => 'a public address',
  'AWS::EC2::Instance': ({ NetworkInterfaces }) => publicInterface(NetworkInterfaces),
  'AWS::EC2::LaunchTemplate': ({ LaunchTemplateData }) =>
    publicInterface((LaunchTemplateData as Properties | undefined)?.['NetworkInterfaces']),
  'AWS::EC2::Subnet': ({ MapPublicIpOnLaunch }) => (isNo(MapPublicIpOnLaunch) ? undefined : 'a subnet that gives public addresses'),
  'AWS::AppSync::GraphQLApi': ({ Visibility }) => (Visibility === 'PRIVATE' ? undefined : 'a GraphQL API that is not private'),
  'AWS::AppSync::Api': () => 'an API of events',
  'AWS::AppRunner::Service': judgeAppRunner,
  'AWS::Lambda::Permission': ({ Principal }) => (Principal === '*' ? 'a function that anybody may call' : undefined),
  'AWS::GlobalAccelerator::Accelerator': () => 'an accelerator',
};

/**
 * Ways by which somebody from the internet could reach an audience that must come over the utility's own network.
 * @returns one line per fault, `<logical id>: <what>`
 * @source X.1332 9.3, 9.4, 10.3, 10.4
 */
export function publicWays({ Resources = {} }: CloudFormationTemplate): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const fault = JUDGES[Type]?.(Properties);
    return fault === undefined ? [] : [`${id}: ${fault}`];
  });
}

function judgeRestApi({ Name, EndpointConfiguration }: Readonly<Record<string, unknown>>): string | undefined {
  const types = (EndpointConfiguration as { Types?: readonly unknown[] } | undefined)?.Types ?? ['EDGE'];
  if (types.every((type) => type === 'PRIVATE') || PUBLIC_APIS.test(String(Name))) return undefined;
  return `a public API called ${String(Name)}`;
}

/** The one door that browsers come to, over the operator link as well: there a session says who somebody is. By its logical id. */
const FOR_BROWSERS = /^console/;

function judgeListener({ Protocol, MutualAuthentication, LoadBalancerArn }: Readonly<Record<string, unknown>>): string | undefined {
  if (Protocol !== 'HTTPS') return `a listener that speaks ${String(Protocol)}`;
  const { Mode, IgnoreClientCertificateExpiry } = (MutualAuthentication ?? {}) as Readonly<Record<string, unknown>>;
  const { Ref = '' } = (LoadBalancerArn ?? {}) as { readonly Ref?: string };
  if (Mode === 'off' && FOR_BROWSERS.test(Ref)) return undefined;
  if (Mode !== 'verify') return 'a listener that verifies no certificate';
  return IgnoreClientCertificateExpiry === true ? 'a listener that takes expired certificates' : undefined;
}

/** Whether an instance gets a public address is the subnet's to say, unless the interface refuses it. */
function publicInterface(interfaces: unknown): string | undefined {
  const given = Array.isArray(interfaces) ? (interfaces as readonly Properties[]) : [];
  const refused = given.length > 0 && given.every(({ AssociatePublicIpAddress }) => AssociatePublicIpAddress === false);
  return refused ? undefined : 'an instance that does not refuse a public address';
}

function judgeAppRunner({ NetworkConfiguration }: Properties): string | undefined {
  const { IngressConfiguration } = (NetworkConfiguration ?? {}) as Properties;
  const { IsPubliclyAccessible } = (IngressConfiguration ?? {}) as Properties;
  return IsPubliclyAccessible === false ? undefined : 'an App Runner service that is not private';
}

function isNo(value: unknown): boolean {
  return value === undefined || value === false;
}

function openRange(ingress: unknown): string | undefined {
  const rules: readonly unknown[] = ingress === undefined ? [] : [ingress].flat();
  return rules.every((rule) => isNarrow(rule as Properties))
    ? undefined
    : 'a security group that is open to everybody, or to nobody knows whom';
}

/** One group, or ranges that are written out: the operator link's are part of the stage, and no parameter of a template. */
function isNarrow({ CidrIp, CidrIpv6, SourceSecurityGroupId }: Properties): boolean {
  if (CidrIp === undefined && CidrIpv6 === undefined) return SourceSecurityGroupId !== undefined;
  return (CidrIp === undefined || NARROW_RANGE.test(String(CidrIp))) && (CidrIpv6 === undefined || LOCAL_RANGE.test(String(CidrIpv6)));
}
