package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.kubernetes.ServiceServers.Server;
import io.scopegate.testkit.kubernetes.Slice;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which servers of a Service are used, by what its slices say. */
class ServiceServersTest {
  private static final ServicePort HTTP = new ServicePort("tempo", "query", "http", "here");

  private static Slice slice(String name) {
    return Slice.of("tempo", "query", name).port("http", 3200).port("grpc", 9095);
  }

  private static ServiceServers of(ServicePort port, Slice... slices) {
    return ServiceServers.of(
        port, Arrays.stream(slices).map(one -> EndpointSlice.of(one.toJson())).toList());
  }

  private static List<String> addresses(Slice... slices) {
    return of(HTTP, slices).all().stream().map(Server::address).toList();
  }

  private static List<String> near(Slice... slices) {
    return of(HTTP, slices).all().stream().filter(Server::isNear).map(Server::address).toList();
  }

  @Test
  void thoseThatAreReadyAreUsed() {
    assertThat(addresses(slice("a").ready("10.0.0.1").terminating("10.0.0.2").starting("10.0.0.3")))
        .containsExactly("10.0.0.1");
  }

  @Test
  void thoseThatEndAreUsedWhenThereIsNothingElse() {
    assertThat(addresses(slice("a").terminating("10.0.0.2").starting("10.0.0.3")))
        .containsExactly("10.0.0.2");
  }

  @Test
  void oneThatIsNotReadyIsNeverUsed() {
    ServiceServers servers = of(HTTP, slice("a").starting("10.0.0.3"));
    assertThat(servers.all()).isEmpty();
    assertThat(servers.whyNone()).isEqualTo("none of its 1 servers is ready");
  }

  @Test
  void withoutConditionsItIsReady() {
    JsonObject endpoint = new JsonObject().put("addresses", new JsonArray().add("10.0.0.1"));
    assertThat(addresses(slice("a").endpoint(endpoint))).containsExactly("10.0.0.1");
  }

  @Test
  void slicesAddUp() {
    Slice[] slices =
        IntStream.range(0, 5)
            .mapToObj(i -> slice("slice-" + i).ready("10.0.0." + i))
            .toArray(Slice[]::new);
    assertThat(addresses(slices)).hasSize(5);
  }

  @Test
  void aServerInTwoSlicesIsOneAndReadyIfItIsInAny() {
    assertThat(addresses(slice("a").starting("10.0.0.1"), slice("b").ready("10.0.0.1")))
        .containsExactly("10.0.0.1");
    assertThat(addresses(slice("a").ready("10.0.0.1"), slice("b").starting("10.0.0.1")))
        .containsExactly("10.0.0.1");
  }

  @Test
  void aServerOfBothFamiliesIsOneByItsIpv4Address() {
    assertThat(
            addresses(
                slice("b").addressType("IPv6").ready("fd00::1").target("pod-1"),
                slice("a").ready("10.0.0.1").target("pod-1")))
        .containsExactly("10.0.0.1");
    assertThat(addresses(slice("b").addressType("IPv6").ready("fd00::1")))
        .containsExactly("fd00::1");
  }

  @Test
  void namesAreNoAddresses() {
    assertThat(addresses(slice("a").addressType("FQDN").ready("tempo.example"))).isEmpty();
  }

  @Test
  void aPortHasANameOrANumber() {
    Slice slice = slice("a").ready("10.0.0.1");
    assertThat(of(new ServicePort("tempo", "query", "grpc", null), slice).all())
        .containsExactly(new Server("10.0.0.1", 9095, false));
    assertThat(of(new ServicePort("tempo", "query", "3200", null), slice).all())
        .containsExactly(new Server("10.0.0.1", 3200, false));
  }

  @Test
  void aNamedPortMayHaveAnotherNumberInEachSlice() {
    Slice other = Slice.of("tempo", "query", "b").port("http", 8080).ready("10.0.0.2");
    assertThat(of(HTTP, slice("a").ready("10.0.0.1"), other).all())
        .containsExactly(new Server("10.0.0.1", 3200, false), new Server("10.0.0.2", 8080, false));
  }

  @Test
  void aPortThatIsNotThereIsToldWithThoseThatAre() {
    assertThat(
            of(new ServicePort("tempo", "query", "https", null), slice("a").ready("10.0.0.1"))
                .whyNone())
        .isEqualTo("it has no port https (expected: one of grpc (9095), http (3200))");
  }

  @Test
  void noSliceAndAnEmptyOneAreToldApart() {
    assertThat(of(HTTP).whyNone()).contains("no EndpointSlice");
    assertThat(of(HTTP, slice("a")).whyNone()).isEqualTo("it has no servers");
    assertThat(of(HTTP, Slice.of("tempo", "query", "a")).whyNone()).isEqualTo("it has no servers");
  }

  // ---- zones

  @Test
  void thoseMeantForTheZoneAreNear() {
    assertThat(
            near(
                slice("a")
                    .ready("10.0.0.1")
                    .forZones("here")
                    .ready("10.0.0.2")
                    .forZones("there")
                    .ready("10.0.0.3")
                    .forZones("there", "here")))
        .containsExactly("10.0.0.1", "10.0.0.3");
  }

  @Test
  void hintsDoNotCountUnlessAllHaveOne() {
    assertThat(near(slice("a").ready("10.0.0.1").forZones("here").ready("10.0.0.2"))).isEmpty();
    assertThat(near(slice("a").ready("10.0.0.1").forZones("here").terminating("10.0.0.2")))
        .as("those that are not used do not matter")
        .containsExactly("10.0.0.1");
  }

  @Test
  void withoutAZoneOfOnesOwnNothingIsNear() {
    ServicePort nowhere = new ServicePort("tempo", "query", "http", null);
    assertThat(of(nowhere, slice("a").ready("10.0.0.1").forZones("here")).all())
        .noneMatch(Server::isNear);
  }
}
