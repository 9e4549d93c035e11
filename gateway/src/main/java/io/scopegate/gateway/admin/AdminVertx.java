package io.scopegate.gateway.admin;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.transport.Transport;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The Vert.x of the ports for operators: one event loop, so that what comes there does not delay
 * tenants, and few connections that have not said anything yet.
 */
public final class AdminVertx {
  private AdminVertx() {}

  /** Makes one; the caller closes it. */
  public static Vertx create() {
    Transport usual = Transport.nativeTransport();
    Transport best = usual != null && usual.available() ? usual : Transport.NIO;
    return Vertx.builder()
        .with(
            new VertxOptions()
                // nothing is unpacked: a read-only container has no temporary directory
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false))
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(AdminServer.MOST_SCRAPES)
                .setInternalBlockingPoolSize(1))
        .withTransport(new Guarded(best))
        .build();
  }

  /** The guard of the ports of this Vert.x; null when it was not made here. */
  static @Nullable YoungConnections young(Vertx vertx) {
    return ((VertxInternal) vertx).transport() instanceof Accepting accepting
        ? accepting.young
        : null;
  }

  /** A transport whose ports are guarded. */
  private record Guarded(Transport usual) implements Transport {
    @Override
    public String name() {
      return usual.name();
    }

    @Override
    public boolean available() {
      return usual.available();
    }

    @Override
    public Throwable unavailabilityCause() {
      return usual.unavailabilityCause();
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
      return new Accepting(usual.implementation());
    }
  }

  /** As the usual one, but for the guard in each server channel. */
  private static final class Accepting implements io.vertx.core.spi.transport.Transport {
    private final YoungConnections young = new YoungConnections();
    private final io.vertx.core.spi.transport.Transport usual;

    Accepting(io.vertx.core.spi.transport.Transport usual) {
      this.usual = usual;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      ChannelFactory<? extends ServerChannel> factory = usual.serverChannelFactory(domainSocket);
      return () -> {
        ServerChannel made = factory.newChannel();
        made.pipeline().addFirst(young);
        return made;
      };
    }

    @Override
    public boolean supportsDomainSockets() {
      return usual.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
      return usual.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
      return usual.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
      return usual.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(io.vertx.core.net.SocketAddress address) {
      return usual.convert(address);
    }

    @Override
    public io.vertx.core.net.SocketAddress convert(java.net.SocketAddress address) {
      return usual.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      return usual.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ratio) {
      return usual.eventLoopGroup(type, threads, factory, ratio);
    }

    @Override
    @SuppressWarnings("deprecation") // Vert.x still asks for it
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
      return usual.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
      return usual.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends io.netty.channel.Channel> channelFactory(boolean domainSocket) {
      return usual.channelFactory(domainSocket);
    }

    @Override
    public void configure(
        TcpConfig config, boolean domainSocket, io.netty.bootstrap.Bootstrap bootstrap) {
      usual.configure(config, domainSocket, bootstrap);
    }

    @Override
    public void configure(
        TcpConfig config, boolean domainSocket, io.netty.bootstrap.ServerBootstrap bootstrap) {
      usual.configure(config, domainSocket, bootstrap);
    }
  }
}
