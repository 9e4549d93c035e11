package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EndpointAffinityTest {
  private static final int KEYS = 20_000;

  private final EndpointAffinity affinity = new EndpointAffinity(new SplittableRandom(1));
  private final List<Server> servers =
      IntStream.range(0, 10).mapToObj(Server::new).collect(Collectors.toCollection(ArrayList::new));

  private static final class Server implements EndpointChoice.Candidate {
    private final int number;
    int load;
    int weight = 1;
    double part = 1;

    Server(int number) {
      this.number = number;
    }

    @Override
    public long identity() {
      return Affinity.hash("10.0.0." + number + ":3200");
    }

    @Override
    public int load() {
      return load;
    }

    @Override
    public double part(long nowNanos) {
      return part;
    }

    @Override
    public int weight() {
      return weight;
    }
  }

  private static long key(int i) {
    return Affinity.QUERY.key("acme", "/api/traces/" + i, false);
  }

  private List<Server> chosen() {
    return IntStream.range(0, KEYS).mapToObj(i -> affinity.of(servers, key(i), 0)).toList();
  }

  private static Map<Server, Long> parts(List<Server> chosen) {
    return chosen.stream().collect(Collectors.groupingBy(one -> one, Collectors.counting()));
  }

  @Test
  void eachHasItsPartOfTheKeys() {
    assertThat(parts(chosen()).values())
        .hasSize(10)
        .allSatisfy(part -> assertThat(part).isBetween(KEYS * 9 / 100L, KEYS * 11 / 100L));
  }

  @Test
  void whoeverChoosesChoosesTheSame() {
    List<Server> before = chosen();
    Collections.reverse(servers);
    assertThat(chosen()).isEqualTo(before);
    EndpointAffinity other = new EndpointAffinity(new SplittableRandom(2));
    assertThat(other.of(servers, key(7), 0)).isSameAs(before.get(7));
  }

  @Test
  void whoGoesMovesItsOwnKeysOnlyAndGetsThemBack() {
    List<Server> before = chosen();
    Server gone = servers.remove(3);
    List<Server> without = chosen();
    Set<Server> took = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      if (before.get(i) == gone) {
        took.add(without.get(i));
      } else {
        assertThat(without.get(i)).isSameAs(before.get(i));
      }
    }
    assertThat(took).as("all the others take some").hasSize(9);
    servers.add(gone);
    assertThat(chosen()).isEqualTo(before);
  }

  @Test
  void whoComesTakesItsPartFromAll() {
    List<Server> before = chosen();
    Server fresh = new Server(10);
    servers.add(fresh);
    List<Server> now = chosen();
    long moved = 0;
    for (int i = 0; i < KEYS; i++) {
      if (now.get(i) != before.get(i)) {
        assertThat(now.get(i)).isSameAs(fresh);
        moved++;
      }
    }
    assertThat(moved).isBetween(KEYS * 8 / 100L, KEYS * 10 / 100L);
  }

  @Test
  void aHotKeySpillsToTheNext() {
    for (int i = 0; i < 1_000; i++) {
      affinity.of(servers, key(1), 0).load++;
    }
    assertThat(servers).allSatisfy(one -> assertThat(one.load).isLessThanOrEqualTo(130));
    Server first = affinity.of(new ArrayList<>(servers), key(1), 0);
    servers.forEach(one -> one.load = 0);
    Server best = affinity.of(servers, key(1), 0);
    best.load = 100;
    Server next = affinity.of(servers, key(1), 0);
    assertThat(first).isNotNull();
    assertThat(next).isNotSameAs(best);
    assertThat(affinity.of(servers, key(1), 0)).as("always the same one").isSameAs(next);
    best.load = 0;
    assertThat(affinity.of(servers, key(1), 0)).isSameAs(best);
  }

  @Test
  void weightsAreParts() {
    servers.get(0).weight = 11;
    Map<Server, Long> parts = parts(chosen());
    assertThat(parts.get(servers.get(0))).isBetween(KEYS * 52 / 100L, KEYS * 58 / 100L);
  }

  @Test
  void aNewOneGetsItsKeysByAndBy() {
    Server fresh = servers.get(0);
    long whole = parts(chosen()).get(fresh);
    fresh.part = 0.3;
    assertThat(parts(chosen()).get(fresh)).isBetween(whole * 25 / 100, whole * 35 / 100);
    servers.forEach(one -> one.part = 0);
    assertThat(affinity.of(servers, key(1), 0)).as("nobody").isNull();
  }
}
