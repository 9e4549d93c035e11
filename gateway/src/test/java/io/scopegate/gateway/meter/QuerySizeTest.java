package io.scopegate.gateway.meter;

import static io.scopegate.gateway.meter.QuerySize.ABSENT;
import static io.scopegate.gateway.meter.QuerySize.UNREADABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuerySizeTest {
  private static final SizePlace SEARCH = SizePlace.search(4, 9);

  @ParameterizedTest
  @CsvSource({
    "limit=20, 20",
    "limit=+20, -2", // a space
    "limit=%2B20, 20",
    "limit=0020, 20",
    "limit=1&limit=20, 20",
    "limit=20&limit=1, 20",
    "limit=20&limit=x, -2",
    "l%69mit=2%30, 20",
    "Limit=20, -1",
    "limit=, -1",
    "limit, -1",
    "limit=-1, -2",
    "limit=%2B, -2",
    "limit=1e3, -2",
    "limit=4294967297, 4294967297",
    "limit=99999999999999999999999, 9223372036854775807",
    "limit=5;a=b, -1",
    "limit=%zz, -1",
    "a=limit=20, -1"
  })
  void aParameterIsReadAsTempoReadsItOrAsMore(String query, long results) {
    assertThat(QuerySize.ofHttp(query)).isEqualTo(new QuerySize(results, ABSENT, ABSENT));
  }

  @Test
  void eachParameterHasItsPlace() {
    assertThat(QuerySize.ofHttp("q=%7B%7D&limit=1&spss=2&exemplars=3"))
        .isEqualTo(new QuerySize(1, 2, 3));
    assertThat(QuerySize.ofHttp("exemplars=0")).isEqualTo(new QuerySize(ABSENT, ABSENT, 0));
  }

  @Test
  void noSpansAreAllSpans() {
    assertThat(QuerySize.ofHttp("spss=0").spans()).isEqualTo(Long.MAX_VALUE);
  }

  private static QuerySize read(byte[] message) {
    ByteBuf body = Unpooled.buffer().writeByte(0).writeInt(message.length).writeBytes(message);
    try (MeterPool pool = new MeterPool()) {
      return QuerySize.ofGrpcBody(SEARCH, null, body, pool);
    }
  }

  @Test
  void aMessageIsReadByItsFields() {
    SearchRequest search =
        SearchRequest.newBuilder()
            .setQuery("{}")
            .putTags("a", "b")
            .setLimit(7)
            .setSpansPerSpanSet(-1)
            .setStart(5)
            .build();
    assertThat(read(search.toByteArray())).isEqualTo(new QuerySize(7, 0xffff_ffffL, ABSENT));
    assertThat(read(new byte[0])).isEqualTo(new QuerySize(ABSENT, ABSENT, ABSENT));
  }

  @Test
  void theLastOfSeveralFieldsCountsAsInProtobuf() {
    byte[] twice = {4 << 3, 100, 4 << 3, 1};
    assertThat(read(twice).results()).isEqualTo(1);
  }

  @Test
  void aDamagedMessageCannotBeRead() {
    QuerySize unreadable = new QuerySize(UNREADABLE, UNREADABLE, UNREADABLE);
    assertThat(read(new byte[] {4 << 3})).isEqualTo(unreadable);
    assertThat(read(new byte[] {4 << 3 | 2, 1, 1})).as("not a number").isEqualTo(unreadable);
  }
}
