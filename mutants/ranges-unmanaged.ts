import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A ServiceCIDR that is added never becomes Ready.',
  how: 'The controller manager does not run the controller for ServiceCIDRs.',
  apply: `stop kube-controller-manager; start kube-controller-manager "--controllers=*,-service-cidr-controller"`,
  mend: `stop kube-controller-manager; start kube-controller-manager`,
  red: {
    'range-protected': { 'in-use-stays': /undefined/ },
  },
  green: ['by-value', 'limited-by-range'],
};

export default mutant;
