/** What the script is, its parameters, and the connection. */
export function head(days: number): string {
  return String.raw`
#Requires -Version 5.1
<#
.SYNOPSIS
Gathers the evidence that tells who uses Direct Send, before RejectDirectSend is switched on.

.DESCRIPTION
This script only reads. It changes no setting and sends nothing anywhere: all it writes are files in one
folder on this computer. The only things that it starts in the tenant are reports (Start-HistoricalSearch), which
the administrators of the tenant can then download; -NoReports leaves them out.

It can be stopped at any time and started again: what is there is not fetched twice. Run it once more on
a later day with the same folder, and it adds the days since.

You need the module ExchangeOnlineManagement (Install-Module ExchangeOnlineManagement) and an account that may run
message traces and see the configuration. To read, the role Global Reader is meant to be enough; whoever may not
start reports is told so, and the rest goes on. What an account may not see is left out with a warning.

The files hold addresses and subjects of mail. Keep the folder where only those who need it can read it.

.PARAMETER Days
How many days back, up to 90. Exchange Online remembers no more.

.PARAMETER Folder
Where the files go. It is made when it is not there.

.PARAMETER UserPrincipalName
The account to sign in with.

.PARAMETER NotifyAddress
Who is told by mail when a report can be downloaded; an address of your organisation.

.PARAMETER DetailsPerSender
For so many messages a day of each pair of address and sender the details are asked for, which tell the
connector. The service answers 100 such questions in five minutes.

.PARAMETER AllDetails
Ask for the details of every message in question. That can take days.

.PARAMETER ReportDays
The days in one report. A report holds 100,000 rows: choose fewer days when one is full.

.PARAMETER NoReports
Start no reports.

.EXAMPLE
.\postern-audit.ps1 -UserPrincipalName admin@contoso.com -NotifyAddress admin@contoso.com
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 90)]
    [int] $Days = ${days},

    [string] $Folder = 'postern-evidence',

    [string] $UserPrincipalName,

    [string[]] $NotifyAddress,

    [ValidateRange(0, 10000)]
    [int] $DetailsPerSender = 1,

    [switch] $AllDetails,

    [ValidateRange(1, 30)]
    [int] $ReportDays = 7,

    [switch] $NoReports
)

$ErrorActionPreference = 'Stop'

# ---------------------------------------------------------------------------------------------------------------
# Step 0: the folder, and the connection to Exchange Online.
# ---------------------------------------------------------------------------------------------------------------
if (-not (Get-Command -Name 'Connect-ExchangeOnline' -ErrorAction SilentlyContinue)) {
    throw 'The module ExchangeOnlineManagement is missing. Install it: Install-Module ExchangeOnlineManagement -Scope CurrentUser'
}
$Folder = (New-Item -ItemType Directory -Force -Path $Folder).FullName

$connected = Get-ConnectionInformation | Where-Object { $_.State -eq 'Connected' }
if (-not $connected) {
    $signIn = @{ ShowBanner = $false }
    if ($UserPrincipalName) { $signIn['UserPrincipalName'] = $UserPrincipalName }
    Connect-ExchangeOnline @signIn
}
if (-not (Get-Command -Name 'Get-MessageTraceV2' -ErrorAction SilentlyContinue)) {
    throw 'This account or module has no Get-MessageTraceV2. Update the module (Update-Module ExchangeOnlineManagement), or use an account that may run message traces.'
}
`;
}
