package io.scopegate.gateway.top;

import io.scopegate.config.Printable;
import io.scopegate.gateway.traffic.Figure;
import io.scopegate.gateway.traffic.TenantTraffic;
import io.scopegate.gateway.traffic.Traffic;
import io.scopegate.gateway.traffic.UpstreamTraffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What has happened between two scrapes, as lines of text. */
public final class Picture {
  private static final int NAME = 28;

  private final Traffic traffic;

  private Picture(Traffic traffic) {
    this.traffic = traffic;
  }

  /**
   * Draws.
   *
   * @param rows how many tenants at most
   */
  public static List<String> lines(Traffic traffic, int rows) {
    return new Picture(traffic).draw(rows);
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
    String text =
        String.format(
            Locale.ROOT,
            "scopegate %s, %s: %s requests/s, %s/s in, %s/s out, %d in progress",
            traffic.version(),
            traffic.isReady() ? "ready" : "NOT READY",
            number(traffic.perSecond(Figure.REQUESTS)),
            bytes(traffic.perSecond(Figure.REQUEST_BYTES)),
            bytes(traffic.perSecond(Figure.RESPONSE_BYTES)),
            traffic.inProgress());
    return traffic.openListeners() > 0 ? text + ", THE GATE IS OPEN (enforce: audit)" : text;
  }

  private String refusals() {
    List<String> parts = new ArrayList<>();
    traffic.refusals().forEach((reason, rate) -> parts.add(reason + " " + number(rate) + "/s"));
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
    traffic.busiest(rows).stream().map(Picture::tenant).forEach(lines::add);
    int all = traffic.tenants();
    if (all == 0) {
      lines.add("none so far");
    } else if (all > rows) {
      lines.add((all - rows) + " more");
    }
  }

  private static String tenant(TenantTraffic tenant) {
    return String.format(
            Locale.ROOT,
            "%-" + NAME + "s %9s %9s %9s %9d %9s  %s",
            name(tenant.name()),
            number(tenant.requests()),
            bytes(tenant.bytesIn()),
            bytes(tenant.bytesOut()),
            tenant.inProgress(),
            number(tenant.limited()),
            nearestLimit(tenant))
        .stripTrailing();
  }

  private static String nearestLimit(TenantTraffic tenant) {
    return tenant
        .nearestLimit()
        .map(one -> String.format(Locale.ROOT, "%3.0f %% of %s", one.ratio() * 100, one.key()))
        .orElse("");
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
    traffic.upstreams().stream().map(Picture::upstream).forEach(lines::add);
  }

  private static String upstream(UpstreamTraffic upstream) {
    return String.format(
        Locale.ROOT,
        "%-" + NAME + "s %9s %9d %9s %9s",
        name(upstream.name()),
        state(upstream.state()),
        upstream.connections(),
        number(upstream.retries()),
        number(upstream.connectFailures()));
  }

  private static String state(UpstreamTraffic.State state) {
    return switch (state) {
      case UP -> "up";
      case DOWN -> "DOWN";
      case OPEN -> "OPEN";
      case UNKNOWN -> "unknown";
    };
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
