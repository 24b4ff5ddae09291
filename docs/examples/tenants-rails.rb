require "active_record"
require "json"

# Runs work of one tenant where that tenant lives, for instance in an around_action:
#
#   around_action { |controller, action| Tenants.within(current_tenant.id.to_s, &action) }
#
# ActiveRecord::Base stays connected to the database that lists the tenants. When a tenant has just moved, PostgreSQL refuses with
# 55P04 and says where to: the block is run again there, once.
#
# A tenant's own tables have its key as the column's default, and Rails leaves out of an INSERT what equals the default that it read
# first: set config.active_record.partial_inserts = false, as new applications have it since Rails 7 (partial_writes in 6.1).
# Rails 6.1 also needs config.active_record.legacy_connection_handling = false.
module Tenants
  Place = Struct.new(:host, :port, :database, :schema)
  KEPT_FOR = 60 # seconds

  @known = {}
  @lock = Mutex.new

  def self.within(tenant, again: false, &work)
    place = find(tenant)
    ActiveRecord::Base.connected_to(role: :writing, shard: shard_of(place)) do
      ActiveRecord::Base.transaction(requires_new: true) do
        connection = ActiveRecord::Base.connection
        path = "#{connection.quote_table_name(place.schema)}, public"
        connection.execute(<<~SQL)
          SELECT set_config('search_path', #{connection.quote(path)}, true),
                 set_config('app.current_tenant_id', #{connection.quote(tenant)}, true)
        SQL
        work.call
      end
    end
  rescue ActiveRecord::StatementInvalid => error
    result = error.cause.respond_to?(:result) ? error.cause.result : nil
    raise if again || result&.error_field(PG::PG_DIAG_SQLSTATE) != "55P04"

    hint = JSON.parse(result.error_field(PG::PG_DIAG_MESSAGE_HINT))
    remember(tenant, Place.new(*hint.values_at("host", "port", "database", "schema")))
    within(tenant, again: true, &work)
  end

  def self.find(tenant)
    place, kept_until = @lock.synchronize { @known[tenant] }
    return place if place && kept_until > Process.clock_gettime(Process::CLOCK_MONOTONIC)

    row = ActiveRecord::Base.connected_to(role: :writing, shard: :default) do
      connection = ActiveRecord::Base.connection
      connection.select_one(<<~SQL)
        SELECT host, port, database, schema FROM caretaker.placements WHERE tenant_key = #{connection.quote(tenant)}
      SQL
    end
    remember(tenant, row ? Place.new(*row.values_at("host", "port", "database", "schema")) : home)
  end

  def self.remember(tenant, place)
    kept_until = Process.clock_gettime(Process::CLOCK_MONOTONIC) + KEPT_FOR
    @lock.synchronize { @known[tenant] = [place, kept_until] }
    place
  end

  # The place of all that never moved.
  def self.home
    Place.new(home_config[:host], home_config[:port].to_i, home_config[:database], "public")
  end

  def self.home_config
    @home_config ||= ActiveRecord::Base.connected_to(role: :writing, shard: :default) do
      ActiveRecord::Base.connection_db_config.configuration_hash
    end
  end

  # One pool a database, made when a tenant is first found there. The home database keeps its own.
  def self.shard_of(place)
    return :default if place.to_a.first(3) == home.to_a.first(3)

    shard = "#{place.host}:#{place.port}/#{place.database}".to_sym
    handler = ActiveRecord::Base.connection_handler
    @lock.synchronize do
      unless handler.retrieve_connection_pool("ActiveRecord::Base", role: :writing, shard: shard)
        config = home_config.merge(place.to_h.slice(:host, :port, :database))
        handler.establish_connection(config, owner_name: ActiveRecord::Base, role: :writing, shard: shard)
      end
    end
    shard
  end
end
