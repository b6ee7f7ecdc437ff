/** The reports of Start-HistoricalSearch. */

export interface HistoricalSearch {
  reportTitle: string;
  /** MessageTrace: the enhanced summary. MessageTraceDetail: extended, 27 columns. */
  reportType: 'MessageTrace' | 'MessageTraceDetail' | 'ConnectorReport';
  /** ConnectorReport only. */
  connectorType?: 'OnPremises' | 'Partner' | 'NoConnector';
  direction?: 'All' | 'Received' | 'Sent';
  senderAddress?: string;
  recipientAddress?: string;
  /** Wall times, milliseconds. */
  start?: number;
  end?: number;
}
