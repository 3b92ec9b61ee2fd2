import { describe, expect, it } from 'vitest';
import { STACK_NAMES } from '../../lib/joulekeep.ts';
import { UTILITY_PARAMETERS } from '../../lib/utility-parameters.ts';
import { OPERATOR_LINK, synthesize } from './app.ts';

const dev = synthesize();
const prod = synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK });
const both = [dev, prod].flatMap((synthesized) => [...synthesized.stacks.keys()].map((name) => [name, synthesized] as const));

/** What is recorded, and the keys it lies under, by the names CloudFormation knows them by. A changed name replaces what has it. */
const FROZEN: Readonly<Record<string, readonly string[]>> = {
  keys: [
    'agreementE01D4F8A',
    'application9137406B',
    'billingfeed6EFC7DE0',
    'caconcentratorB1EDB987',
    'cameter5913A261',
    'checkpointC4CCBC43',
    'cursor15B2D83C',
    'demandresponseCAAF36AD',
    'handshakeE45CC654',
    'operatorfeed5CA0BFB2',
    'price175C349B',
    'pseudonymAB841D05',
    'retention3837FEBD',
    'shardkek62C543D5',
    'storageaudiencesKey134BA6AF',
    'storagebillingKeyACA98171',
    'storagefleetKey8C5F55A8',
    'storagemodelsKeyF3C201F2',
    'storageobjectsKeyBD4822FA',
    'storageoperationsKey2C21D439',
    'storageregisterKey78CD6137',
    'storagesecretsKeyA0BD96F4',
    'storagetelemetryKeyE90712AD',
    'storekek78A0E985',
    'subjectkekF36B6D61',
    'tariff29951A01',
    'thirdpartyfeed7E49B3BD',
    'tokenEC62706D',
    'webhookE676E896',
  ],
  data: [
    'bucketaccesslogsA0756514',
    'bucketobjects5FF61A2A',
    'bucketundelivered0BCA15C6',
    'keyrecordBucket4C04249C',
    'tabledirectoryC25CA3DF',
    'tableeventsB4F44DCD',
    'tablekeys05B4B0E2',
    'tablemodels6C7F2689',
  ],
  gateway: [
    'queuehandshakeDeadLettersFCCB2829',
    'queuehandshakeQueue55788176',
    'queueserviceDeadLetters8653E66B',
    'queueserviceQueueAF6E6D43',
    'queuetelemetryDeadLetters17E1BE7F',
    'queuetelemetryQueue7505E3AC',
  ],
  audiences: [
    'queuebillingDeadLetters63077D23',
    'queuebillingQueueC7A9EA31',
    'queuebillingfeedDeadLetters8009AF9D',
    'queuebillingfeedQueue434C424C',
    'queuebillingsystemDeadLetters642DB455',
    'queuebillingsystemQueue4F93B7D2',
    'queuecustomerDeadLettersF37C12E2',
    'queuecustomerQueue1B8FFC54',
    'queueoperatorDeadLetters25D59957',
    'queueoperatorQueue3E69F49F',
    'queuethirdpartyDeadLetters55738F46',
    'queuethirdpartyQueue852BB9A0',
    'queuethirdpartyfeedDeadLetters5B5B675A',
    'queuethirdpartyfeedQueue9C916EC5',
    'queueundeliveredeventsB26C7749',
  ],
  fleet: [
    'NoticesUndelivered1F53F470',
    'NoticesregistrationsDeadLetters89616A24',
    'NoticesregistrationsQueue84840B5D',
    'NoticesviolationsDeadLettersB84AEA10',
    'NoticesviolationsQueue2E67A27E',
    'Trust4DE8AA96',
  ],
  doors: ['Logs6819BB44', 'SiteE53D7754'],
  edge: ['Logs6819BB44', 'SiteE53D7754'],
  identity: ['clientconsole', 'clientportal', 'pool'],
  services: ['queuefailedpositionsDeadLettersA413D4AE', 'queuefailedpositionsQueueCF797D8C', 'queuemissedschedulesDB432670'],
};

const STATEFUL = [
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::DynamoDB::GlobalTable',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
];

describe('the stacks', () => {
  it('the slowest to change come first, and each after those it needs', () => {
    expect([...dev.stacks.keys()]).toEqual(STACK_NAMES.filter((name) => !['identity', 'edge', 'doors'].includes(name)));
    expect([...synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org' }).stacks.keys()]).toEqual(STACK_NAMES);
    const order = [...dev.stacks.values()].map(({ stackName }) => stackName);
    for (const [at, stack] of [...dev.stacks.values()].entries())
      for (const earlier of stack.dependencies) expect(order.indexOf(earlier.stackName)).toBeLessThan(at);
  });

  it('can be left out one by one', () => {
    expect([...synthesize({ stacks: 'keys,data' }).stacks.keys()]).toEqual(['keys', 'data']);
    expect(() => synthesize({ stacks: 'keys,deta' })).toThrow(/stacks: "deta" is none; name some of keys, data/);
  });

  it('none exports anything: names go through parameters', () => {
    for (const [name, { template }] of both) expect(template(name).toJSON()['Outputs'] ?? {}).toEqual({});
    const text = both.map(([name, { template }]) => JSON.stringify(template(name).toJSON())).join('');
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).toContain('AWS::SSM::Parameter::Value<String>');
  });

  it('every parameter that is read is written by an earlier stack, or by the utility; and none is written down for nobody', () => {
    const whole = synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org' });
    const names = [...whole.stacks.keys()];
    const told = names.flatMap((name) =>
      Object.values(whole.resources(name, 'AWS::SSM::Parameter')).map(({ Properties }) => Properties['Name']),
    );
    const read = names.flatMap((name) => {
      const parameters = Object.values((whole.template(name).toJSON()['Parameters'] ?? {}) as Record<string, { Default?: string }>);
      return parameters.flatMap(({ Default = '' }) => (Default.startsWith('/joulekeep/') ? [Default] : []));
    });
    const utilitys = Object.keys(UTILITY_PARAMETERS).map((what) => `/joulekeep/prod/${what}`);
    expect(read.length).toBeGreaterThan(30);
    expect(read.filter((name) => !told.includes(name) && !utilitys.includes(name))).toEqual([]);
    expect(utilitys.filter((name) => told.includes(name) || !read.includes(name))).toEqual([]);
  });

  it('each stays far below the number of resources a stack may have', () => {
    const whole = synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org' });
    for (const [name, { resources }] of [...both, ...[...whole.stacks.keys()].map((name) => [name, whole] as const)]) {
      const count = Object.keys(resources(name)).length;
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(350);
    }
  });

  it('two syntheses are the same', () => {
    const again = synthesize();
    for (const name of dev.stacks.keys()) expect(again.template(name).toJSON()).toEqual(dev.template(name).toJSON());
  });

  it('stateful resources keep their logical ids for ever', () => {
    const whole = synthesize({ stage: 'prod', operatorLink: OPERATOR_LINK, domain: 'example.org' });
    const found = [...whole.stacks.keys()].map(
      (name) =>
        [
          name,
          STATEFUL.filter((type) => type !== 'AWS::Logs::LogGroup')
            .flatMap((type) => Object.keys(whole.resources(name, type)))
            .sort(),
        ] as const,
    );
    expect(Object.fromEntries(found.filter(([, ids]) => ids.length > 0))).toEqual(FROZEN);
  });

  it('C10.1-7: in prod what is recorded outlives its stack and refuses deletion, in dev nothing is left behind', () => {
    for (const [synthesized, policy] of [
      [prod, 'Retain'],
      [dev, 'Delete'],
    ] as const) {
      const stateful = [...synthesized.stacks.keys()].flatMap((name) =>
        STATEFUL.flatMap((type) => Object.values(synthesized.resources(name, type))),
      );
      expect(stateful.length).toBeGreaterThan(30);
      for (const { DeletionPolicy, UpdateReplacePolicy } of stateful)
        expect([DeletionPolicy, UpdateReplacePolicy]).toEqual([policy, policy]);
    }
    const protection = [...prod.stacks].filter(([, stack]) => stack.terminationProtection).map(([name]) => name);
    expect(protection).toEqual(['keys', 'data', 'gateway', 'audiences']);
  });

  it('nothing here has a public way in', () => {
    const doors = /^AWS::(ApiGateway|ApiGatewayV2|CloudFront|ElasticLoadBalancing)|^AWS::Lambda::Url$|^AWS::EC2::(EIP|InternetGateway)$/;
    const mine = [...prod.stacks.keys()].filter((name) => !['edge', 'doors'].includes(name));
    const types = mine.flatMap((name) => Object.values(prod.resources(name)).map(({ Type }) => Type));
    expect(types.length).toBeGreaterThan(100);
    expect(types.filter((type) => doors.test(type))).toEqual([]);
    const open = mine.flatMap((name) => Object.entries(prod.resources(name, 'AWS::Lambda::Permission')));
    expect(open).toEqual([]);
  });

  it('no custom resource and no managed policy slips in, but where CloudFormation has no other way', () => {
    const mine = [...dev.stacks.keys()].filter((name) => name !== 'fleet');
    const types = mine.flatMap((name) => Object.values(dev.resources(name)).map(({ Type }) => Type));
    expect(types.filter((type) => /^Custom::|CustomResource|ManagedPolicy/.test(type))).toEqual([]);
    const text = [...dev.stacks.keys()].map((name) => JSON.stringify(dev.template(name).toJSON())).join('');
    expect(text).not.toContain('ManagedPolicyArns');
  });
});
