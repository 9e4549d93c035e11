package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Endpoints by SRV records, of name servers that say what a test wants. */
class SrvEndpointsTest {
  private static final long SECOND = 1_000_000_000L;

  private final Map<String, String> addresses = new LinkedHashMap<>();
  private final List<String> asked = new ArrayList<>();
  private @Nullable List<SrvRecord> records = new ArrayList<>();
  private long nowNanos = 1;
  private final SrvEndpoints endpoints =
      new SrvEndpoints("_http._tcp.query", this::records, this::names, () -> nowNanos);
  private List<EndpointAddress> found = List.of();
  private @Nullable Throwable failure;

  private void records(String name, Consumer<List<SrvRecord>> to, Consumer<Throwable> failed) {
    asked.add(name);
    List<SrvRecord> all = records;
    if (all == null) {
      failed.accept(new UnknownHostException(name));
    } else {
      to.accept(all);
    }
  }

  private void names(String host, Consumer<List<InetAddress>> to, Consumer<Throwable> failed) {
    String ip = addresses.get(host);
    try {
      if (ip == null) {
        failed.accept(new UnknownHostException(host));
      } else {
        to.accept(List.of(InetAddress.getByName(ip)));
      }
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private void lookUp() {
    found = List.of();
    failure = null;
    endpoints.lookUp(
        new EndpointSource.Answer() {
          @Override
          public void found(List<EndpointAddress> all) {
            found = all;
          }

          @Override
          public void none(Throwable why) {
            throw new AssertionError(why);
          }

          @Override
          public void failed(Throwable why) {
            failure = why;
          }
        });
  }

  private static SrvRecord record(int priority, int weight, String target, long ttl) {
    return new SrvRecord(priority, weight, 3200, target, ttl);
  }

  @Test
  void targetsHaveTheirPrioritiesAndWeights() {
    addresses.put("a.tempo.", "10.0.0.1");
    addresses.put("b.tempo.", "10.0.0.2");
    records.add(record(0, 5, "a.tempo.", 30));
    records.add(record(10, 0, "b.tempo.", 30));
    lookUp();
    assertThat(asked).containsExactly("_http._tcp.query.");
    assertThat(found)
        .extracting(EndpointAddress::text, EndpointAddress::priority, EndpointAddress::weight)
        .containsExactly(tuple("10.0.0.1:3200", 0, 5), tuple("10.0.0.2:3200", 10, 1));
  }

  @Test
  void recordsAreKeptForTheShortestTtlAndAddressesLookedUpEachTime() {
    addresses.put("a.tempo.", "10.0.0.1");
    records.add(record(0, 1, "a.tempo.", 20));
    records.add(record(0, 1, "a.tempo.", 9));
    lookUp();
    nowNanos += 8 * SECOND;
    addresses.put("a.tempo.", "10.0.0.9");
    lookUp();
    assertThat(asked).hasSize(1);
    assertThat(found).extracting(EndpointAddress::text).containsExactly("10.0.0.9:3200");
    nowNanos += SECOND;
    lookUp();
    assertThat(asked).hasSize(2);
  }

  @Test
  void recordsAreNotKeptForLongerThanHalfAMinute() {
    addresses.put("a.tempo.", "10.0.0.1");
    records.add(record(0, 1, "a.tempo.", 86_400));
    lookUp();
    nowNanos += 30 * SECOND;
    lookUp();
    assertThat(asked).hasSize(2);
  }

  @Test
  void anAddressOfTwoRecordsCountsOnceByTheLowerPriority() {
    addresses.put("a.tempo.", "10.0.0.1");
    records.add(record(20, 1, "a.tempo.", 20));
    records.add(record(10, 1, "a.tempo.", 20));
    lookUp();
    assertThat(found).singleElement().extracting(EndpointAddress::priority).isEqualTo(10);
  }

  @Test
  void aTargetWithoutAnAddressIsLeftOut() {
    addresses.put("a.tempo.", "10.0.0.1");
    records.add(record(0, 1, "a.tempo.", 20));
    records.add(record(0, 1, "gone.tempo.", 20));
    lookUp();
    assertThat(found).hasSize(1);
  }

  @Test
  void noRecordIsAFailureThatSaysSo() {
    lookUp();
    assertThat(failure).hasMessage("no SRV record of _http._tcp.query. names a server");
    records = null;
    lookUp();
    assertThat(failure).isInstanceOf(UnknownHostException.class);
  }

  // ---- records

  private static ByteBuf data(int priority, int weight, int port, String... labels) {
    ByteBuf data = Unpooled.buffer().writeShort(priority).writeShort(weight).writeShort(port);
    for (String label : labels) {
      data.writeByte(label.length());
      data.writeCharSequence(label, StandardCharsets.US_ASCII);
    }
    return data.writeByte(0);
  }

  @Test
  void aRecordIsReadAsItIs() {
    assertThat(SrvRecord.read(data(65_535, 7, 9095, "a", "tempo"), 3))
        .isEqualTo(new SrvRecord(65_535, 7, 9095, "a.tempo.", 3));
  }

  @Test
  void whatNamesNoServerIsNone() {
    assertThat(SrvRecord.read(data(0, 0, 0, "a"), 3)).as("no port").isNull();
    assertThat(SrvRecord.read(data(0, 0, 80), 3)).as("decidedly not available").isNull();
    assertThat(SrvRecord.read(Unpooled.buffer().writeInt(1), 3)).as("too short").isNull();
  }
}
