package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.exchange.HeapShares;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the page about budgets to keys, metrics and constants. */
class BudgetsPageTest {
  private static final String PAGE = "budgets.md";
  private static final String PACKAGE = "io.scopegate.gateway.";
  private static final long SECOND = 1_000_000_000;
  private static final long MIB = 1 << 20;

  private static List<List<String>> rows(String first, int columns) {
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row : MarkdownTable.rows(PAGE, first)) {
      if (row.size() != columns) {
        break; // of the next table
      }
      rows.add(row);
    }
    assertThat(rows).isNotEmpty();
    return rows;
  }

  @Test
  void everyBudgetNamesKeysAndMetricsThatExist() {
    Set<String> keys =
        MarkdownTable.rows("reference/configuration.md", "Key").stream()
            .map(row -> row.get(0))
            .collect(Collectors.toSet());
    Set<String> metrics = MetricsPage.documented().keySet();
    for (List<String> row : rows("What", 5)) {
      if (!row.get(1).isEmpty()) {
        assertThat(keys).as(row.get(0)).contains(row.get(1).split(", "));
      }
      assertThat(metrics).as(row.get(0)).contains(row.get(4).split(", "));
    }
  }

  @Test
  void theMetricsOfTheDataPathsBudgetsAreAllThere() {
    List<String> named = rows("What", 5).stream().map(row -> row.get(4)).toList();
    assertThat(named)
        .contains(
            "scopegate_in_flight_bytes",
            "scopegate_in_flight_requests",
            "scopegate_waiting_bytes",
            "scopegate_unread_answers",
            "scopegate_unread_answer_bytes",
            "scopegate_delayed_bytes");
  }

  @Test
  void theDefaultsAreThoseOfSuchAHeap() {
    for (List<String> row : rows("Heap", 4)) {
      HeapShares shares = new HeapShares(mebibytes(row.get(0)) * MIB);
      assertThat(row.get(1)).isEqualTo(Integer.toString(shares.connections()));
      assertThat(row.get(2)).isEqualTo(Integer.toString(shares.requestsInFlight()));
      assertThat(mebibytes(row.get(3)) * MIB).isEqualTo(shares.bytesInFlight().bytes());
    }
  }

  private static long mebibytes(String text) {
    return Long.parseLong(text.replace(" MiB", ""));
  }

  @Test
  void theFixedBoundsAreThoseOfTheCode() {
    Map<String, Long> bounds = new LinkedHashMap<>();
    bounds.put("fields of a head, or of trailers", constant("http.FieldLimit", "MOST_FIELDS"));
    bounds.put(
        "bytes of a stream that a client may send ahead",
        constant("http.CodecSettings", "CLIENT_STREAM_WINDOW"));
    bounds.put(
        "bytes of an answered request that are read on, over HTTP/1.1",
        constant("http.CodecSettings", "DRAIN_BYTES"));
    bounds.put("resets by a client in 30 s", constant("http.CodecSettings", "MAX_RESETS"));
    bounds.put(
        "answers to control frames that wait for a client",
        constant("http.CodecSettings", "MAX_QUEUED_CONTROL_FRAMES"));
    bounds.put(
        "complete answers that a connection may leave unread",
        constant("exchange.UnreadAnswers", "MOST"));
    bounds.put(
        "seconds that an answer may wait without progress",
        constant("http.CodecSettings", "UNREAD_ANSWER_NANOS") / SECOND);
    bounds.put(
        "seconds that a cancelled call counts at an upstream",
        constant("forward.ResetPacing", "OCCUPIED_NANOS") / SECOND);
    bounds.put(
        "cancelled calls after which a tenant has a connection of its own",
        constant("forward.ResetPacing", "SHARED"));
    bounds.put(
        "milliseconds of a round of turns",
        constant("exchange.ReadTurns", "ROUND_NANOS") / 1_000_000);
    bounds.put("microseconds of one turn", constant("exchange.ReadTurns", "TURN_NANOS") / 1_000);
    bounds.put("connections of the admin port", connectionsOf("admin.AdminServer"));
    bounds.put(
        "connections of both admin ports without a first head",
        constant("admin.YoungConnections", "MOST"));

    Map<String, Long> documented = new LinkedHashMap<>();
    rows("Bound", 2).forEach(row -> documented.put(row.get(0), Long.valueOf(row.get(1))));
    assertThat(documented).isEqualTo(bounds);
    assertThat(constant("exchange.ExchangeDeadlines", "UNREAD_NANOS"))
        .isEqualTo(constant("http.CodecSettings", "UNREAD_ANSWER_NANOS"));
    assertThat(constant("http.CodecSettings", "RESET_WINDOW_SECONDS")).isEqualTo(30);
  }

  private static long constant(String type, String name) {
    return ((Number) value(type, name)).longValue();
  }

  private static long connectionsOf(String server) {
    Object bounds = value(server, "BOUNDS");
    try {
      Method connections = bounds.getClass().getDeclaredMethod("connections");
      connections.setAccessible(true);
      return (Integer) connections.invoke(bounds);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(server, e);
    }
  }

  private static Object value(String type, String name) {
    try {
      Field field = Class.forName(PACKAGE + type).getDeclaredField(name);
      field.setAccessible(true);
      return field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(type + "." + name, e);
    }
  }
}
