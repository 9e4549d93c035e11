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

  /** What is not as it should be. */
  List<Finding> problems() {
    return findings.stream().filter(f -> f.level() != Finding.Level.OK).toList();
  }
}
