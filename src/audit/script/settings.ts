/** The configuration that decides what Direct Send is, and what would be refused. */
export const settings = String.raw`
# ---------------------------------------------------------------------------------------------------------------
# Step 1: settings. Which domains are yours, whether their subdomains match, which connectors there are, whether Direct
# Send is already refused, and which allow lists would hide an abuse.
# ---------------------------------------------------------------------------------------------------------------
function Save-Settings {
    param([string] $Name, [scriptblock] $Question)
    try {
        $found = @(& $Question | ForEach-Object { ConvertTo-Plain $_ })
        Save-Text $Name (ConvertTo-Json -InputObject $found -Depth 4)
        return $found
    }
    catch {
        Write-Warning ('{0} is left out: {1}' -f $Name, $_.Exception.Message)
        return @()
    }
}

Write-Host 'Step 1 of 4: settings'
[void] (Save-Settings 'organization-config.json' { Get-OrganizationConfig })
$domains = @(Save-Settings 'accepted-domains.json' { Get-AcceptedDomain })
[void] (Save-Settings 'inbound-connectors.json' { Get-InboundConnector })
[void] (Save-Settings 'transport-rules.json' { Get-TransportRule })
[void] (Save-Settings 'content-filter-policies.json' { Get-HostedContentFilterPolicy })
[void] (Save-Settings 'connection-filter-policies.json' { Get-HostedConnectionFilterPolicy })

$own = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::OrdinalIgnoreCase)
foreach ($domain in $domains) {
    [void] $own.Add(([string] $domain.DomainName).TrimStart('*', '.'))
}
if ($own.Count -eq 0) {
    throw 'The accepted domains can not be read: without them nobody can tell whose mail it is. Use an account that may run Get-AcceptedDomain.'
}

# Whether an address belongs to one of your domains, or to a domain below one of them.
function Test-Own {
    param([string] $Address)
    $domain = $Address.Substring($Address.LastIndexOf('@') + 1)
    while ($domain) {
        if ($own.Contains($domain)) { return $true }
        $dot = $domain.IndexOf('.')
        if ($dot -lt 0) { return $false }
        $domain = $domain.Substring($dot + 1)
    }
    return $false
}
`;
