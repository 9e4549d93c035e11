package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SRV records and the addresses of their targets, from a name server on loopback. */
final class SrvLookUpIT {
  private static final int MOST_TRIES = 20;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = loops.next();
  private final Channel byTcp;
  private final Channel server;
  private final Transport transport;

  /** By TCP and UDP at the same port, which somebody else may have by one of them. */
  SrvLookUpIT() {
    Channel tcp = tcp();
    ChannelFuture udp = udp(tcp.localAddress()).awaitUninterruptibly();
    for (int tries = 1; !udp.isSuccess() && tries < MOST_TRIES; tries++) {
      tcp.close().syncUninterruptibly();
      tcp = tcp();
      udp = udp(tcp.localAddress()).awaitUninterruptibly();
    }
    byTcp = tcp;
    server = udp.syncUninterruptibly().channel();
    transport =
        new Transport(
            false,
            new SingletonDnsServerAddressStreamProvider((InetSocketAddress) server.localAddress()),
            Duration.ofMillis(300));
  }

  private Channel tcp() {
    return new ServerBootstrap()
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel c) {
                c.pipeline()
                    .addLast(
                        new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new NamesByTcp());
              }
            })
        .bind("127.0.0.1", 0)
        .syncUninterruptibly()
        .channel();
  }

  private ChannelFuture udp(SocketAddress at) {
    return new Bootstrap()
        .group(loops)
        .channel(NioDatagramChannel.class)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel c) {
                c.pipeline()
                    .addLast(
                        new DatagramDnsQueryDecoder(),
                        new DatagramDnsResponseEncoder(),
                        new Names());
              }
            })
        .bind(at);
  }

  /** Knows two servers of one service. */
  private static final class Names extends SimpleChannelInboundHandler<DatagramDnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query) {
      DnsQuestion asked = query.recordAt(DnsSection.QUESTION);
      DatagramDnsResponse answer =
          new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
      answer.addRecord(DnsSection.QUESTION, new DefaultDnsQuestion(asked.name(), asked.type()));
      String what = asked.type().name() + " " + asked.name();
      switch (what) {
        case "SRV _lost._tcp.query.test.", "A d.test.", "AAAA d.test." -> {
          return; // it gets lost
        }
        case "SRV _http._tcp.query.test." -> {
          record(answer, asked, srv(10, 3, 3200, "a"));
          record(answer, asked, srv(20, 0, 3201, "b"));
          record(answer, asked, srv(0, 0, 0, "c"));
        }
        case "A a.test." -> record(answer, asked, ip(1));
        case "A b.test." -> record(answer, asked, ip(2));
        case "AAAA a.test.", "AAAA b.test." -> {}
        default -> answer.setCode(DnsResponseCode.NXDOMAIN);
      }
      ctx.writeAndFlush(answer);
    }

    private static void record(DnsResponse answer, DnsQuestion asked, ByteBuf data) {
      DnsRecordType type = asked.type();
      answer.addRecord(DnsSection.ANSWER, new DefaultDnsRawRecord(asked.name(), type, 20, data));
    }

    private static ByteBuf ip(int last) {
      return Unpooled.wrappedBuffer(new byte[] {127, 0, 0, (byte) last});
    }

    private static ByteBuf srv(int priority, int weight, int port, String name) {
      ByteBuf data = Unpooled.buffer().writeShort(priority).writeShort(weight).writeShort(port);
      for (String label : List.of(name, "test")) {
        data.writeByte(label.length());
        data.writeCharSequence(label, StandardCharsets.US_ASCII);
      }
      return data.writeByte(0);
    }
  }

  /** Knows the one of which UDP loses every question. */
  private static final class NamesByTcp extends SimpleChannelInboundHandler<DnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DnsQuery query) {
      DnsQuestion asked = query.recordAt(DnsSection.QUESTION);
      DefaultDnsResponse answer = new DefaultDnsResponse(query.id());
      answer.addRecord(DnsSection.QUESTION, new DefaultDnsQuestion(asked.name(), asked.type()));
      if (asked.type().equals(DnsRecordType.SRV)) {
        Names.record(answer, asked, Names.srv(1, 1, 3203, "d"));
      } else if (asked.type().equals(DnsRecordType.A)) {
        Names.record(answer, asked, Names.ip(4));
      }
      ctx.writeAndFlush(answer);
    }
  }

  @AfterEach
  void stop() {
    loop.submit(transport::close).syncUninterruptibly();
    server.close().syncUninterruptibly();
    byTcp.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private CompletableFuture<List<EndpointAddress>> lookUp(String name) {
    CompletableFuture<List<EndpointAddress>> done = new CompletableFuture<>();
    SrvEndpoints endpoints =
        new SrvEndpoints(name, transport.records(loop), transport.names(loop), System::nanoTime);
    loop.execute(() ->
        endpoints.lookUp(
            new EndpointSource.Answer() {
              @Override
              public void found(List<EndpointAddress> all) {
                done.complete(all);
              }

              @Override
              public void none(Throwable why) {
                done.completeExceptionally(why);
              }

              @Override
              public void failed(Throwable why) {
                done.completeExceptionally(why);
              }
            }));
    return done;
  }

  @Test
  void serversAreFoundWithTheirPortsPrioritiesAndWeights() throws Exception {
    assertThat(lookUp("_http._tcp.query.test").get(30, TimeUnit.SECONDS))
        .extracting(EndpointAddress::text, EndpointAddress::priority, EndpointAddress::weight)
        .containsExactlyInAnyOrder(tuple("127.0.0.1:3200", 10, 3), tuple("127.0.0.2:3201", 20, 1));
  }

  @Test
  void aQuestionThatIsLostIsAskedAgainByTcp() throws Exception {
    assertThat(lookUp("_lost._tcp.query.test").get(4, TimeUnit.SECONDS)) // one timed out at 5 s
        .extracting(EndpointAddress::text)
        .containsExactly("127.0.0.4:3203");
  }

  @Test
  void aNameWithoutRecordsIsNotFound() {
    assertThat(lookUp("_grpc._tcp.query.test"))
        .failsWithin(30, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining("_grpc._tcp.query.test");
  }
}
