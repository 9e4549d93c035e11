package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.exchange.ExchangeDeadlines.Action;
import io.scopegate.gateway.exchange.ExchangeDeadlines.Overdue;
import io.scopegate.gateway.exchange.ExchangeDeadlines.Progress;
import io.scopegate.gateway.route.Traffic.Pauses;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Timeouts of the table: first byte 20 s, idle 30 s, body 15 s. */
class ExchangeDeadlinesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Timeouts TIMEOUTS = new Timeouts(20 * SECOND, 30 * SECOND, 0);

  private enum Is {
    HEAD,
    IN_END,
    OUT_END,
    OWN,
    MANY,
    LINGERED,
    LINKED,
    CLIENT_WAITS,
    UPSTREAM_WAITS
  }

  private static Set<Is> states(String names) {
    Set<Is> all = EnumSet.noneOf(Is.class);
    for (String name : names.split(" ")) {
      if (!name.equals("-")) {
        all.add(Is.valueOf(name));
      }
    }
    return all;
  }

  private static Progress progress(String names, Overdue overdue, Pauses pauses, long seconds) {
    Set<Is> is = states(names);
    return new Progress(
        is.contains(Is.HEAD),
        is.contains(Is.IN_END),
        is.contains(Is.OUT_END),
        is.contains(Is.OWN),
        is.contains(Is.MANY),
        is.contains(Is.LINGERED),
        overdue,
        is.contains(Is.LINKED),
        is.contains(Is.CLIENT_WAITS),
        is.contains(Is.UPSTREAM_WAITS),
        pauses,
        seconds * SECOND);
  }

  @ParameterizedTest(name = "{0}, overdue {1}, pauses {2}, {3} s: {4}")
  @CsvSource({
    // the request's body
    "-,                           NO,       NONE,   14, NONE",
    "-,                           NO,       NONE,   15, BODY_TOO_SLOW",
    "LINKED,                      NO,       NONE,   15, BODY_TOO_SLOW",
    "LINKED,                      NO,       ANSWER, 15, BODY_TOO_SLOW",
    "LINKED,                      NO,       BOTH,   99, NONE",
    "LINKED UPSTREAM_WAITS,       NO,       BOTH,   15, BODY_TOO_SLOW",
    // the upstream's first byte
    "LINKED IN_END,               NO,       NONE,   19, NONE",
    "LINKED IN_END,               NO,       NONE,   20, FIRST_BYTE",
    "LINKED CLIENT_WAITS,         NO,       NONE,   19, NONE",
    "LINKED CLIENT_WAITS,         NO,       BOTH,   20, FIRST_BYTE",
    "IN_END,                      NO,       NONE,   99, NONE",
    // the answer
    "HEAD IN_END LINKED,          NO,       NONE,   29, NONE",
    "HEAD IN_END LINKED,          NO,       NONE,   30, IDLE",
    "HEAD IN_END LINKED,          NO,       ANSWER, 99, NONE",
    "HEAD LINKED,                 NO,       BOTH,   99, NONE",
    "HEAD LINKED CLIENT_WAITS,    NO,       BOTH,   30, IDLE",
    "HEAD LINKED UPSTREAM_WAITS,  NO,       NONE,   30, IDLE_UNREAD",
    "HEAD LINKED UPSTREAM_WAITS,  NO,       ANSWER, 30, IDLE_UNREAD",
    // times for the whole exchange
    "LINKED,                      EXCHANGE, NONE,    0, DEADLINE",
    "HEAD LINKED,                 CLIENT,   BOTH,    0, CLIENT_DEADLINE",
    "OUT_END,                     EXCHANGE, NONE,    0, ABORT",
    // an answer that is complete, of the upstream's
    "OUT_END HEAD,                NO,       NONE,   29, NONE",
    "OUT_END HEAD,                NO,       BOTH,   30, ABORT",
    "OUT_END HEAD MANY,           NO,       NONE,   29, NONE",
    // and of the gateway's own
    "OUT_END HEAD OWN,            NO,       NONE,    9, NONE",
    "OUT_END HEAD OWN,            NO,       NONE,   10, ABORT",
    "OUT_END HEAD OWN MANY,       NO,       NONE,    1, NONE",
    "OUT_END HEAD OWN MANY,       NO,       NONE,    2, CLOSE_CONNECTION",
    "OUT_END HEAD OWN LINGERED,   NO,       NONE,    1, LINGERED",
    "OUT_END HEAD OWN LINGERED,   EXCHANGE, NONE,   99, LINGERED",
  })
  void decides(String is, Overdue overdue, Pauses pauses, long seconds, Action action) {
    Progress progress = progress(is, overdue, pauses, seconds);
    assertThat(ExchangeDeadlines.decide(progress, TIMEOUTS, 15 * SECOND)).isEqualTo(action);
  }

  @ParameterizedTest(name = "{0} after {1} s: {2}")
  @CsvSource({
    "-,            99999, NONE",
    "IN_END LINKED, 99999, NONE",
    "HEAD LINKED,  99999, NONE",
    "OUT_END HEAD,    59, NONE",
    "OUT_END HEAD,    60, ABORT",
  })
  void waitsForEverWithoutTimeoutsButForAnAnswerToBeRead(String is, long seconds, Action action) {
    Progress progress = progress(is, Overdue.NO, Pauses.NONE, seconds);
    assertThat(ExchangeDeadlines.decide(progress, Timeouts.NONE, 0)).isEqualTo(action);
  }
}
