package io.scopegate.gateway.top;

import io.scopegate.config.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What has happened between two scrapes, as lines of text. */
public final class Picture {
  private static final String REQUESTS = "scopegate_requests_total";
  private static final String REFUSALS = "scopegate_refusals_total";
  private static final String TENANT_REQUESTS = "scopegate_tenant_requests_total";
  private static final String LIMIT = "scopegate_tenant_limit";
  private static final int NAME = 28;

  /** What is counted of the limits that are rates. */
  private static final Map<String, String> COUNTED =
      new TreeMap<>(
          Map.of(
              "ingestBytesPerSecond", "scopegate_tenant_ingested_bytes_total",
              "spansPerSecond", "scopegate_tenant_ingested_spans_total"));

  private final Scrape before;
  private final Scrape after;
  private final double seconds;

  private Picture(Scrape before, Scrape after, Duration between) {
    this.before = before;
    this.after = after;
    this.seconds = Math.max(between.toMillis(), 1) / 1_000.0;
  }

  /**
   * Draws.
   *
   * @param between how much time passed from the first scrape to the second
   * @param rows how many tenants at most
   */
  public static List<String> lines(Scrape before, Scrape after, Duration between, int rows) {
    return new Picture(before, after, between).draw(rows);
  }

  private List<String> draw(int rows) {
    List<String> lines = new ArrayList<>();
    lines.add(summary());
    lines.add(refusals());
    lines.add("");
    tenants(rows, lines);
    lines.add("");
    upstreams(lines);
    return lines;
  }

  private String summary() {
    double requests = rate(REQUESTS);
    String text =
        String.format(
            Locale.ROOT,
            "scopegate %s, %s: %s requests/s, %s/s in, %s/s out, %d in progress",
            String.join("+", after.values("scopegate_build_info", "version")),
            after.sum("scopegate_ready") > 0 ? "ready" : "NOT READY",
            number(requests),
            bytes(rate("scopegate_request_bytes_total")),
            bytes(rate("scopegate_response_bytes_total")),
            (long) after.sum("scopegate_streams"));
    return after.sum("scopegate_audit_only_listeners") > 0
        ? text + ", THE GATE IS OPEN (enforce: audit)"
        : text;
  }

  private String refusals() {
    List<String> parts = new ArrayList<>();
    for (String reason : after.values(REFUSALS, "reason")) {
      double rate = rate(REFUSALS, "reason", reason);
      if (rate > 0) {
        parts.add(reason + " " + number(rate) + "/s");
      }
    }
    return "refused: " + (parts.isEmpty() ? "nothing" : String.join(", ", parts));
  }

  private void tenants(int rows, List<String> lines) {
    lines.add(
        String.format(
            Locale.ROOT,
            "%-" + NAME + "s %9s %9s %9s %9s %9s  %s",
            "TENANT",
            "REQ/S",
            "IN/S",
            "OUT/S",
            "NOW",
            "OVER/S",
            "NEAREST LIMIT"));
    List<String> busiest =
        after.values(TENANT_REQUESTS, "tenant").stream()
            .sorted(
                Comparator.comparingDouble(
                        (String tenant) -> -rate(TENANT_REQUESTS, "tenant", tenant))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    busiest.stream().limit(rows).map(this::tenant).forEach(lines::add);
    if (busiest.isEmpty()) {
      lines.add("none so far");
    } else if (busiest.size() > rows) {
      lines.add((busiest.size() - rows) + " more");
    }
  }

  private String tenant(String tenant) {
    return String.format(
            Locale.ROOT,
            "%-" + NAME + "s %9s %9s %9s %9d %9s  %s",
            name(tenant),
            number(rate(TENANT_REQUESTS, "tenant", tenant)),
            bytes(rate("scopegate_tenant_request_bytes_total", "tenant", tenant)),
            bytes(rate("scopegate_tenant_response_bytes_total", "tenant", tenant)),
            (long) after.sum("scopegate_tenant_requests_in_flight", "tenant", tenant),
            number(rate("scopegate_tenant_limited_total", "tenant", tenant)),
            nearestLimit(tenant))
        .stripTrailing();
  }

  /** Of the limits that are rates, the one of which most is used. */
  private String nearestLimit(String tenant) {
    String nearest = "";
    double most = -1;
    for (Map.Entry<String, String> one : COUNTED.entrySet()) {
      double limit = after.sum(LIMIT, "tenant", tenant, "limit", one.getKey());
      if (limit > 0 && Double.isFinite(limit)) {
        double used = rate(one.getValue(), "tenant", tenant) / limit;
        if (used > most) {
          most = used;
          nearest = String.format(Locale.ROOT, "%3.0f %% of %s", used * 100, one.getKey());
        }
      }
    }
    return nearest;
  }

  private void upstreams(List<String> lines) {
    lines.add(
        String.format(
            Locale.ROOT,
            "%-" + NAME + "s %9s %9s %9s %9s",
            "UPSTREAM",
            "STATE",
            "CONN",
            "RETRIES/S",
            "FAILED/S"));
    for (String upstream : after.values("scopegate_upstream_connections", "upstream")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-" + NAME + "s %9s %9d %9s %9s",
              name(upstream),
              state(upstream),
              (long) after.sum("scopegate_upstream_connections", "upstream", upstream),
              number(rate("scopegate_upstream_retries_total", "upstream", upstream)),
              number(rate("scopegate_upstream_connect_failures_total", "upstream", upstream))));
    }
  }

  private String state(String upstream) {
    if (!after.values("scopegate_upstream_up", "upstream").contains(upstream)) {
      return "unknown";
    }
    if (after.sum("scopegate_upstream_up", "upstream", upstream) == 0) {
      return "DOWN";
    }
    return after.values("scopegate_upstream_multitenant", "upstream").contains(upstream)
            && after.sum("scopegate_upstream_multitenant", "upstream", upstream) == 0
        ? "OPEN"
        : "up";
  }

  /** Per second; 0 for a gateway that was restarted in between. */
  private double rate(String counter, String... labels) {
    return Math.max(0, after.sum(counter, labels) - before.sum(counter, labels)) / seconds;
  }

  private static String name(String text) {
    String shown = Printable.onOneLine(Objects.requireNonNull(text));
    return shown.length() <= NAME ? shown : shown.substring(0, NAME - 1) + "…";
  }

  private static String number(double value) {
    if (value >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
  }

  private static String bytes(double value) {
    double shown = value;
    for (String unit : List.of("B", "kB", "MB")) {
      if (shown < 1_000) {
        return number(shown) + " " + unit;
      }
      shown /= 1_000;
    }
    return number(shown) + " GB";
  }
}
