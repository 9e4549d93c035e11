package io.scopegate.gateway.probe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one upstream.
 *
 * @param upstream its name
 * @param isUp whether it was reached and speaks what is sent to it
 * @param isMultitenant whether it refuses a query without a tenant; null when that is not known, or
 *     nobody queries it
 * @param findings all of it in words, the good included
 */
public record UpstreamReport(
    String upstream, boolean isUp, @Nullable Boolean isMultitenant, List<Finding> findings) {

  /** Copies the list. */
  public UpstreamReport {
    findings = List.copyOf(findings);
  }

  /**
   * The report of an upstream with several servers: it is up when one of them is, and multi-tenant
   * when none of them is not.
   */
  static UpstreamReport ofServers(String upstream, List<UpstreamReport> servers) {
    Boolean isMultitenant = null;
    for (UpstreamReport server : servers) {
      Boolean one = server.isMultitenant();
      if (one != null) {
        isMultitenant = one && (isMultitenant == null || isMultitenant);
      }
    }
    return new UpstreamReport(
        upstream,
        servers.stream().anyMatch(UpstreamReport::isUp),
        isMultitenant,
        servers.stream().flatMap(one -> one.findings().stream()).toList());
  }

  /** What is not as it should be. */
  List<Finding> problems() {
    return findings.stream().filter(f -> f.level() != Finding.Level.OK).toList();
  }
}
