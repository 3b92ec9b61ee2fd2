/** A template as CloudFormation gets it. */
export interface CloudFormationTemplate {
  readonly Resources?: Readonly<Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>>;
}

/** The only APIs that may be reached from the internet: those of customers, by the end of their name. */
const PUBLIC_APIS = /-(devices|customers)$/;

type Judge = (properties: Readonly<Record<string, unknown>>) => string | undefined;

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

function judgeListener({ Protocol, MutualAuthentication }: Readonly<Record<string, unknown>>): string | undefined {
  if (Protocol !== 'HTTPS') return `a listener that speaks ${String(Protocol)}`;
  const { Mode, IgnoreClientCertificateExpiry } = (MutualAuthentication ?? {}) as Readonly<Record<string, unknown>>;
  if (Mode !== 'verify') return 'a listener that verifies no certificate';
  return IgnoreClientCertificateExpiry === true ? 'a listener that takes expired certificates' : undefined;
}

function openRange(ingress: unknown): string | undefined {
  const rules = (ingress ?? []) as readonly Readonly<Record<string, unknown>>[];
  const open = rules.find(({ CidrIp, CidrIpv6 }) => [CidrIp, CidrIpv6].some((cidr) => typeof cidr === 'string' && /\/0$/.test(cidr)));
  return open === undefined ? undefined : 'a security group that is open to everybody';
}
