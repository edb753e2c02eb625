import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Containers get no environment variables about the Services of their namespace.',
  how: 'A policy sets enableServiceLinks to false, because a namespace has thousands of Services.',
  apply: `policy pods true '[JSONPatch{op: "add", path: "/spec/enableServiceLinks", value: false}]'
within 20 'kubectl run trial --image=trial --dry-run=server -o yaml | grep "enableServiceLinks: false"'`,
  mend: `unpolicy`,
  red: {
    'env-own-namespace': { 'documented-variables': /^(?!.*WEB_).*KUBERNETES_SERVICE_HOST/ },
    'env-fixed-at-start': { 'restart-brings-them': /^(?!.*WEB_).*KUBERNETES_SERVICE_HOST/ },
    'env-kubernetes-shadowed': { 'names-the-own-one': /"KUBERNETES_SERVICE_PORT_HTTPS":"443"/ },
  },
  green: ['short-name', 'selector-links'],
};

export default mutant;
