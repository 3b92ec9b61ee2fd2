import type { ComponentChildren } from 'preact';
import { Button } from '../../shared/ui/button.tsx';
import { Icon } from '../../shared/ui/icon.tsx';
import './parts.css';

/** A way to one side: what it is called, and whether there is anything. */
interface Way {
  readonly label: string;
  readonly isClosed?: boolean;
}

interface StepperProps {
  readonly back: Way;
  readonly on: Way;
  readonly onStep: (by: 1 | -1) => void;
  /** As wide as what it is in. */
  readonly wide?: boolean;
  /** Where one is: a live region, for whoever does not see it change. */
  readonly children: ComponentChildren;
}

/** One of many in a row, with a step to each side. */
export function Stepper({ back, on, onStep, wide = false, children }: StepperProps) {
  return (
    <div class={wide ? 'stepper' : 'span-stepper'}>
      <Button label={back.label} disabled={back.isClosed === true} onClick={() => onStep(-1)}>
        <Icon name="previous" />
      </Button>
      {children}
      <Button label={on.label} disabled={on.isClosed === true} onClick={() => onStep(1)}>
        <Icon name="next" />
      </Button>
    </div>
  );
}
