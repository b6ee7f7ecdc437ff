import '@mantine/notifications/styles.layer.css';
import { Notifications } from '@mantine/notifications';

export default function NoticesShown() {
  return <Notifications position="bottom-right" autoClose={6000} />;
}
