import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Synthesis fails on every finding that nobody has acknowledged with a reason. */
export function guard(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
