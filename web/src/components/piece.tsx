import { Component, type ReactNode, Suspense } from 'react';
import { notify } from './notify.tsx';

/**
 * A part of the page whose code comes later: shows nothing while it comes, and when it can not be loaded the rest of
 * the page stays.
 */
export class Piece extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: Error) {
    notify({ tone: 'bad', text: error.message }).catch(() => {});
  }

  override render() {
    return this.state.hasFailed ? null : <Suspense>{this.props.children}</Suspense>;
  }
}
