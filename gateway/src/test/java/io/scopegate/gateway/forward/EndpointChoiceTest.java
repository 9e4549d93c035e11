package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EndpointChoiceTest {
  private static final int REQUESTS = 10_000;

  private final EndpointChoice choice = new EndpointChoice(new SplittableRandom(1));
  private final List<Server> servers = new ArrayList<>();

  private static final class Server implements EndpointChoice.Candidate {
    int load;
    double part = 1;
    int weight = 1;
    int chosen;

    @Override
    public int weight() {
      return weight;
    }

    @Override
    public int load() {
      return load;
    }

    @Override
    public double part(long nowNanos) {
      return part;
    }
  }

  private Server server() {
    Server one = new Server();
    servers.add(one);
    return one;
  }

  private void choose(@Nullable Server not) {
    for (int i = 0; i < REQUESTS; i++) {
      Server one = choice.of(servers, not, 0);
      assertThat(one).isNotNull().isNotSameAs(not);
      one.chosen++;
    }
  }

  @Test
  void equalOnesGetEqualParts() {
    for (int i = 0; i < 5; i++) {
      server();
    }
    choose(null);
    assertThat(servers)
        .allSatisfy(
            one -> assertThat(one.chosen).isBetween(REQUESTS * 18 / 100, REQUESTS * 22 / 100));
  }

  @Test
  void oneThatIsUnwantedGetsNothing() {
    for (int i = 0; i < 3; i++) {
      server();
    }
    for (Server unwanted : List.copyOf(servers)) {
      servers.forEach(one -> one.chosen = 0);
      choose(unwanted);
      assertThat(servers)
          .filteredOn(one -> one != unwanted)
          .allSatisfy(
              one -> assertThat(one.chosen).isBetween(REQUESTS * 45 / 100, REQUESTS * 55 / 100));
    }
  }

  @Test
  void theLeastLoadedGetsMostAndTheMostLoadedNothing() {
    server().load = 1;
    server().load = 9;
    server();
    choose(null);
    assertThat(servers.get(1).chosen).isZero();
    assertThat(servers.get(2).chosen).isGreaterThan(servers.get(0).chosen);
  }

  @Test
  void aNewOneGetsThatPartOfItsShareThoughItHasNoLoad() {
    server().load = 5;
    server().load = 5;
    server().part = 0.1;
    choose(null);
    assertThat(servers.get(2).chosen).isBetween(REQUESTS * 5 / 100, REQUESTS * 9 / 100);
  }

  @Test
  void thereMayBeNoOther() {
    assertThat(choice.of(servers, null, 0)).isNull();
    Server one = server();
    assertThat(choice.of(servers, null, 0)).isSameAs(one);
    assertThat(choice.of(servers, one, 0)).isNull();
  }

  // ---- weights

  private void chooseByWeight(@Nullable Server not) {
    for (int i = 0; i < REQUESTS; i++) {
      Server one = choice.byWeight(servers, not, 0);
      assertThat(one).isNotNull().isNotSameAs(not);
      one.chosen++;
    }
  }

  private Server weighing(int weight) {
    Server one = server();
    one.weight = weight;
    return one;
  }

  @Test
  void idleOnesAreChosenByWeight() {
    Server light = weighing(1);
    Server heavy = weighing(3);
    weighing(6);
    chooseByWeight(null);
    assertThat(light.chosen / (double) REQUESTS).isBetween(0.08, 0.12);
    assertThat(heavy.chosen / (double) REQUESTS).isBetween(0.27, 0.33);
  }

  @Test
  void loadIsSeenByWeight() {
    Server light = weighing(1);
    Server heavy = weighing(4);
    light.load = 1;
    heavy.load = 3;
    chooseByWeight(null);
    assertThat(light.chosen).isZero();
  }

  @Test
  void anUnwantedOneIsNotDrawn() {
    Server only = weighing(5);
    chooseByWeight(weighing(65_535));
    assertThat(only.chosen).isEqualTo(REQUESTS);
    assertThat(choice.byWeight(List.of(only), only, 0)).isNull();
  }
}
