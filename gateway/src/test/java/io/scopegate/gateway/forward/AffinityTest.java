package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AffinityTest {
  private static long query(String path) {
    return Affinity.QUERY.key("acme", path, false);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/search?q=a&start=1&end=2,/api/search?q=a&start=3&end=4",
    "/api/search?q=a&limit=5,/api/search?limit=5&q=a",
    "/api/search?q=a,/api/search?since=1h&q=a",
    "/api/search?start=1,/api/search?end=2",
  })
  void whatAsksTheSameGoesTogether(String one, String other) {
    assertThat(query(one)).isEqualTo(query(other));
  }

  @ParameterizedTest
  @CsvSource({
    "/api/traces/1,/api/traces/2",
    "/api/search?q=a,/api/search?q=b",
    "/api/search?q=a,/api/search/tags?q=a",
    "/api/search?q=a&limit=1,/api/search?q=a",
    "/api/search?q=a&q=a&q=b,/api/search?q=a&q=b&q=b",
    "/api/search?started=1,/api/search?started=2",
  })
  void whatAsksSomethingElseDoesNot(String one, String other) {
    assertThat(query(one)).isNotEqualTo(query(other));
  }

  @Test
  void tenantsDoNotGoTogether() {
    assertThat(query("/x")).isNotEqualTo(Affinity.QUERY.key("other", "/x", false));
    assertThat(query("/x")).isNotEqualTo(Affinity.QUERY.key(null, "/x", false));
  }

  @Test
  void callsGoByTenantAlone() {
    assertThat(Affinity.QUERY.key("acme", "/a.B/C", true))
        .isEqualTo(Affinity.QUERY.key("acme", "/a.B/D", true))
        .isEqualTo(Affinity.TENANT.key("acme", "/x", false))
        .isNotEqualTo(Affinity.QUERY.key("other", "/a.B/C", true));
  }

  @Test
  void withoutAffinityThereIsNoKey() {
    assertThat(Affinity.NONE.key("acme", "/x", false)).isEqualTo(Affinity.NO_KEY);
    assertThat(Affinity.TENANT.key(null, "/x", false)).isNotEqualTo(Affinity.NO_KEY);
  }

  @Test
  void keysDiffer() {
    Set<Long> keys = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      keys.add(query("/api/traces/" + Integer.toHexString(i)));
    }
    assertThat(keys).hasSize(100_000);
  }
}
